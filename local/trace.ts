import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { hopsOf, showHops } from "./trace/hops.ts";

// `npm run trace -- TRACE_ID`: one request's way through the Workers, from the log of `npm run dev`, or from a log on standard input.
const USAGE = `Show one trace's hops: npm run trace -- TRACE_ID
Reads .local/dev/wrangler.log; with - as second argument it reads standard input:
  npx wrangler tail gateway | npm run --silent trace -- TRACE_ID -
A trace id is the 32 hex digits of \`traceparent\`; every log line has it as \`traceId\`.`;
const DEV_LOG = join(import.meta.dirname, "../.local/dev/wrangler.log");

const [traceId = "", from] = process.argv.slice(2);
try {
  if (!/^[0-9a-f]{32}$/.test(traceId)) throw new Error(USAGE);
  const log = from === "-" ? await text(process.stdin) : readFileSync(DEV_LOG, "utf8");
  const hops = hopsOf(stripVTControlCharacters(log), traceId);
  if (hops.length === 0) throw new Error(`The log has no line of trace ${traceId}.`);
  console.log(showHops(hops));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
