// One burst of load, in a process of its own: takes its options as JSON, prints what came back as JSON.
import autocannon from "autocannon";

const { url, tokens, origin, connections, seconds } = JSON.parse(process.argv[2] ?? "{}");
const result = await autocannon({
  url,
  connections,
  duration: seconds,
  requests: tokens.map((token) => ({
    headers: { authorization: `Bearer ${token}`, origin, "cache-control": "no-store" },
  })),
});
const { non2xx, errors, latency } = result;
process.stdout.write(
  JSON.stringify({ answered: result["2xx"], failed: non2xx + errors, p50: latency.p50, p99: latency.p99 }),
);
