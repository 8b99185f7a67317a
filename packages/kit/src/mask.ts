const SECRET_KEY =
  /pass(word|wd)?|secret|token|authorization|cookie|challenge|recovery[-_]?code|api[-_]?key|ticket|hash|credential|private|(^|_)keys?$/i;

const PATTERNS: [RegExp, string][] = [
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, "[jwt]"],
  [/\bsouk_[\da-f]{32}_\w+/g, "[api key]"],
  [/\b(Bearer|Basic)\s+[^\s"',]+/gi, "$1 [masked]"],
  [/\b(\w+:\/\/[^\s:/@]+):[^\s@/]+@/g, "$1:[masked]@"],
  [/([?&#](?:token|ticket|api_key|access_key|code)=)[^\s&"'#]+/gi, "$1[masked]"],
  [/\b(\w)[\w.+-]*@([\w-]+\.[\w.-]+)/g, "$1***@$2"],
];

/** Without one of these no pattern can match; most texts of a log have none. */
const SUSPECT = /eyJ|souk_|Bearer|Basic|:\/\/|[?&#@]/i;

/** The text with tokens, passwords in URLs and most of each mail address taken out. */
export const maskText = (text: string): string =>
  !SUSPECT.test(text) ? text : PATTERNS.reduce((masked, [pattern, by]) => masked.replace(pattern, by), text);

const judged = new Map<string, boolean>();
const MAX_JUDGED = 1_000;

/** The same few names stand in every line; those of foreign objects may be many. */
function isSecretKey(key: string): boolean {
  const known = judged.get(key);
  if (known !== undefined) return known;
  if (judged.size >= MAX_JUDGED) judged.clear();
  const secret = SECRET_KEY.test(key);
  judged.set(key, secret);
  return secret;
}

/** A copy of any JSON-like value with secrets masked, by the name of their key and by pattern. Deeper than 8 levels is cut. */
export function mask(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return maskText(value);
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Date) return value.toISOString();
  if (depth >= 8) return "[deep]";
  if (Array.isArray(value)) return value.map((item) => mask(item, depth + 1));
  const masked = {};
  addMasked(masked, value as Record<string, unknown>, depth);
  return masked;
}

/** Adds an object's fields to another, masked as `mask` does. A loop into what is there, since it runs for each line of the log. */
export function addMasked(to: Record<string, unknown>, fields: Record<string, unknown>, depth = 0): void {
  for (const key of Object.keys(fields))
    to[key] = isSecretKey(key) ? "[masked]" : mask(fields[key], depth + 1);
}
