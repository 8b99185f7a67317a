const FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** Clients that know no dark mode, or drop styles in the head, keep the inline light colours. */
const DARK = `@media (prefers-color-scheme:dark){
.page{background-color:#161614!important}.card{background-color:#232320!important;border-color:#3a3a35!important}
.ink{color:#f2f1ec!important}.dim{color:#a9a79f!important}.button{background-color:#e0b64b!important;color:#1b1a17!important}}`;

/** A paragraph of a mail. */
export const paragraph = (html: string): string =>
  `<p class="ink" style="margin:0 0 16px;${FONT};font-size:16px;line-height:24px;color:#22211d">${html}</p>`;

/** A smaller paragraph for what matters less. */
export const remark = (html: string): string =>
  `<p class="dim" style="margin:0 0 16px;${FONT};font-size:14px;line-height:20px;color:#66635a">${html}</p>`;

/** A button that leads to a link, with the address below for whoever cannot press it. */
export const button = (label: string, variable: string): string =>
  `<p style="margin:0 0 24px"><a class="button" href="{{${variable}}}" style="display:inline-block;padding:12px 24px;border-radius:6px;` +
  `background-color:#1f3d36;color:#ffffff;${FONT};font-size:16px;line-height:24px;font-weight:600;text-decoration:none">${label}</a></p>` +
  remark(
    `Or open this address: <br><a class="dim" href="{{${variable}}}" style="color:#66635a;word-break:break-all">{{${variable}}}</a>`,
  );

/** Rows of a name and a value. */
export const table = (rows: readonly (readonly [name: string, value: string])[]): string =>
  `<table role="presentation" cellpadding="0" cellspacing="0" style="margin:0 0 24px;border-collapse:collapse">${rows
    .map(
      ([name, value]) =>
        `<tr><td class="dim" style="padding:4px 24px 4px 0;${FONT};font-size:15px;color:#66635a;vertical-align:top">${name}</td>` +
        `<td class="ink" style="padding:4px 0;${FONT};font-size:15px;font-weight:600;color:#22211d">${value}</td></tr>`,
    )
    .join("")}</table>`;

/**
 * A whole HTML mail, 600 pixels wide at most.
 * @param title the heading, HTML
 * @param body paragraphs and the like, HTML
 * @param reason why the person gets this mail
 */
export const layout = (title: string, body: string, reason: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${title}</title>
<style>${DARK}</style>
</head>
<body class="page" style="margin:0;padding:0;background-color:#f3f2ed">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background-color:#f3f2ed"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:600px">
<tr><td class="ink" style="padding:0 8px 16px;${FONT};font-size:18px;font-weight:700;color:#22211d">Souk</td></tr>
<tr><td class="card" style="padding:32px 28px 16px;background-color:#ffffff;border:1px solid #e2e0d8;border-radius:10px">
<h1 class="ink" style="margin:0 0 20px;${FONT};font-size:22px;line-height:30px;color:#22211d">${title}</h1>
${body}
</td></tr>
<tr><td style="padding:16px 8px 0">${remark(reason)}</td></tr>
</table>
</td></tr></table>
</body>
</html>
`;
