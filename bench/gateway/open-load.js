// Requests at a fixed rate, whatever becomes of those before, in a process of its own: takes its options as JSON, prints what came back
// as JSON. A request's time runs from when it was due, so a server that stalls is charged for all that it let wait.
import { Agent, request } from "node:http";

const { url, tokens, origin, perSecond, seconds } = JSON.parse(process.argv[2] ?? "{}");
const agent = new Agent({ keepAlive: true, maxSockets: 500, noDelay: true });
const requests = tokens.map((token) => ({
  agent,
  headers: { authorization: `Bearer ${token}`, origin, "cache-control": "no-store" },
}));
/** Within the first second this process opens its connections and compiles its code: what waits then is not the server's doing. */
const cold = Math.round(perSecond);
const total = cold + Math.round(perSecond * seconds);
const latencies = new Float64Array(total);
let answered = 0;
let failed = 0;

const begun = performance.now();
const dueAt = (n) => begun + (n * 1000) / perSecond;

function send(n) {
  return new Promise((resolve) => {
    const outgoing = request(url, requests[n % requests.length], (response) => {
      response.resume();
      response.on("end", () => {
        if (response.statusCode !== 200) failed++;
        if (n >= cold) latencies[answered++] = performance.now() - dueAt(n);
        resolve();
      });
    });
    outgoing.on("error", () => {
      failed++;
      resolve();
    });
    outgoing.end();
  });
}

const sent = [];
while (sent.length < total) {
  while (sent.length < total && dueAt(sent.length) <= performance.now()) sent.push(send(sent.length));
  await new Promise((resolve) => setTimeout(resolve, 1));
}
await Promise.all(sent);
agent.destroy();
const sorted = latencies.subarray(0, answered).sort();
const percentile = (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
process.stdout.write(JSON.stringify({ answered, failed, p50: percentile(0.5), p99: percentile(0.99) }));
