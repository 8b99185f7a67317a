import { ALIASES } from "./aliases.ts";

/** Letters, digits and `-._~` need no escape (RFC 3986, 2.3); no route needs more, so an escape can only be a trick. */
const CLEAN = /^(\/[A-Za-z0-9._~-]+)+$/;
const DOT_SEGMENT = /\/\.{1,2}(\/|$)/;

/** Stands for every path that is refused; no route has it. */
const REFUSED = "/%";

/**
 * The path that a request is routed by: repeated and trailing slashes taken out, an alias replaced by what it stands for.
 * @param pathname as it came, still escaped
 * @returns a path of plain segments, or one that no route has
 */
export function canonicalPath(pathname: string): string {
  const path = pathname.replace(/\/{2,}/g, "/").replace(/(.)\/$/, "$1");
  if (path === "/") return path;
  if (!CLEAN.test(path) || DOT_SEGMENT.test(path)) return REFUSED;
  for (const [from, to] of ALIASES) {
    const prefix = from.replace(/\/\*$/, "");
    if (path === prefix) return to.replace(/\/\*$/, "");
    if (prefix !== from && path.startsWith(`${prefix}/`))
      return to.replace("*", path.slice(prefix.length + 1));
  }
  return path;
}
