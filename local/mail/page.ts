import { html } from "hono/html";
import type { Message } from "./message.ts";

const style = html`<style>
  body {
    font:
      16px/1.5 system-ui,
      sans-serif;
    max-width: 60rem;
    margin: 2rem auto;
    padding: 0 1rem;
    color: #222;
  }
  table {
    border-collapse: collapse;
    width: 100%;
  }
  th,
  td {
    text-align: left;
    padding: 0.4rem 0.8rem 0.4rem 0;
    border-bottom: 1px solid #ddd;
    vertical-align: top;
  }
  iframe {
    width: 100%;
    height: 28rem;
    border: 1px solid #ddd;
    background: #fff;
  }
  pre {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    background: #f6f6f6;
    padding: 1rem;
  }
</style>`;

const page = (title: string, refresh: boolean, content: unknown) =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        ${refresh ? html`<meta http-equiv="refresh" content="5" />` : ""}
        <title>${title}</title>
        ${style}
      </head>
      <body>
        ${content}
      </body>
    </html>`;

/** The list of all messages; it reloads itself every 5 s. */
export function inboxPage(messages: readonly Message[]) {
  const row = ({ id, receivedAt, to, subject }: Message) =>
    html`<tr>
      <td><time>${receivedAt.slice(0, 19).replace("T", " ")}</time></td>
      <td>${to.join(", ")}</td>
      <td><a href="/messages/${id}">${subject === "" ? "(no subject)" : subject}</a></td>
    </tr>`;
  const table = html`<table>
    <thead>
      <tr>
        <th>Received (UTC)</th>
        <th>To</th>
        <th>Subject</th>
      </tr>
    </thead>
    <tbody>
      ${messages.map(row)}
    </tbody>
  </table>`;
  return page(
    "Inbox",
    true,
    html`<h1>Inbox</h1>
      ${messages.length === 0 ? html`<p>No mail yet.</p>` : table}`,
  );
}

/** One message. Its HTML is shown in a sandbox: no scripts, nothing loaded from elsewhere; links open in a new window. */
export function messagePage(message: Message) {
  const { from, to, subject, receivedAt, text, headers } = message;
  const document = `<base target="_blank">${message.html}`;
  const sandbox = html`<iframe
    sandbox="allow-popups allow-popups-to-escape-sandbox"
    title="HTML body"
    srcdoc="${document}"
  ></iframe>`;
  return page(
    subject,
    false,
    html`<p><a href="/">Inbox</a></p>
      <h1>${subject === "" ? "(no subject)" : subject}</h1>
      <p>${receivedAt}, from ${from} to ${to.join(", ")}</p>
      ${message.html === "" ? "" : sandbox}
      <h2>Text</h2>
      <pre>${text}</pre>
      <h2>Headers</h2>
      <pre>${headers.map(({ name, value }) => `${name}: ${value}\n`)}</pre>`,
  );
}
