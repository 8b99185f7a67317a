/** In this order: each browser claims to be those after it as well. */
const PROGRAMS: [RegExp, string][] = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|CriOS)\//, "Chrome"],
  [/\bVersion\/.*\bSafari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/\b(?:iPhone|iPad|iOS)\b/, "iOS"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bMac(?:intosh| ?OS)\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

const nameIn = (table: [RegExp, string][], text: string): string | undefined =>
  table.find(([pattern]) => pattern.test(text))?.[1];

/** A device in words for its owner, "Firefox on Linux", by what it says of itself. */
export function nameDevice(userAgent: string | null): string {
  const text = userAgent ?? "";
  const program = nameIn(PROGRAMS, text) ?? /^(?!Mozilla\b)[A-Za-z][\w.-]{0,29}/.exec(text)?.[0];
  const system = nameIn(SYSTEMS, text);
  if (program === undefined) return system ?? "Unknown device";
  return system === undefined ? program : `${program} on ${system}`;
}
