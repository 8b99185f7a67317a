const MAX_MEMBERS = 32;
const MAX_LENGTH = 512;
/** Where something must go for length, the members that are longer than this go first. */
const LONG_MEMBER = 128;

/** `key=value` of W3C Trace Context, level 2: a plain key or `tenant@system`; a value is printable ASCII without `,` and `=`. */
const MEMBER =
  /^(?:[a-z0-9][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=[\x20-\x2B\x2D-\x3C\x3E-\x7E]{0,255}[\x21-\x2B\x2D-\x3C\x3E-\x7E]$/;

/**
 * A `tracestate` that may be passed on: of several headers, joined by commas, one list. Empty when there is nothing in it, and when any
 * of it is malformed, repeats a key or is one of more than 32 members: then nothing can be believed.
 */
export function parseTracestate(header: string): string {
  const members = header
    .split(",")
    .map((member) => member.replaceAll(/^[ \t]+|[ \t]+$/g, ""))
    .filter((member) => member !== "");
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf("="))));
  if (members.length > MAX_MEMBERS || keys.size < members.length) return "";
  if (!members.every((member) => MEMBER.test(member))) return "";
  return shortened(members).join(",");
}

/** As many whole members as fit; the first are the most recent ones. */
function shortened(members: readonly string[]): string[] {
  const kept = [...members];
  const tooLong = () => kept.join(",").length > MAX_LENGTH;
  for (let at = kept.length - 1; at >= 0 && tooLong(); at--) {
    if ((kept[at]?.length ?? 0) > LONG_MEMBER) kept.splice(at, 1);
  }
  while (tooLong()) kept.pop();
  return kept;
}
