import { ALIASES } from "./aliases.ts";

/** Letters, digits and `-._~` need no escape (RFC 3986, 2.3); no route needs more, so an escape can only be a trick. */
const CLEAN = /^(\/[A-Za-z0-9._~-]+)+$/;
const DOT_SEGMENT = /\/\.{1,2}(\/|$)/;

const withoutStar = (pattern: string): string => pattern.replace(/\/\*$/, "");
const RULES = ALIASES.map(([from, to]) => ({
  from: withoutStar(from),
  to: withoutStar(to),
  below: from.endsWith("/*") ? `${withoutStar(from)}/` : null,
}));

/** Stands for every path that is refused; no route has it. */
const REFUSED = "/%";

/**
 * The parts of a request's URL as they came, without the cost of a parse.
 * @param url absolute, http or https
 */
export function splitUrl(url: string): { origin: string; pathname: string; search: string } {
  const path = url.indexOf("/", "https://".length);
  const query = url.indexOf("?", path);
  const end = query === -1 ? url.length : query;
  return { origin: url.slice(0, path), pathname: url.slice(path, end), search: url.slice(end) };
}

/**
 * The path that a request is routed by: repeated and trailing slashes taken out, an alias replaced by what it stands for.
 * @param pathname as it came, still escaped
 * @returns a path of plain segments, or one that no route has
 */
export function canonicalPath(pathname: string): string {
  const path = pathname.replace(/\/{2,}/g, "/").replace(/(.)\/$/, "$1");
  if (path === "/") return path;
  if (!CLEAN.test(path) || DOT_SEGMENT.test(path)) return REFUSED;
  const rule = RULES.find(({ from, below }) => path === from || (below !== null && path.startsWith(below)));
  return rule === undefined ? path : rule.to + path.slice(rule.from.length);
}
