import { parseArgs } from "node:util";
import { devPorts } from "./dev-ports.ts";
import { examine } from "./doctor/examine.ts";

// `npm run doctor`: says in words what is wrong with a running platform. Ends with 1 when anything is.
const MARKS = { well: "✓", ill: "✗", unknown: "?" } as const;

try {
  const { url } = parseArgs({
    options: { url: { type: "string", default: `http://127.0.0.1:${devPorts(process.env).api}` } },
  }).values;
  const { SOUK_ADMIN_EMAIL: email, SOUK_ADMIN_PASSWORD: password, OWNER_DATABASE_URL: owner } = process.env;
  const findings = await examine({
    url: url.replace(/\/$/, ""),
    admin: email && password ? { email, password } : null,
    databaseUrl: owner || null,
    replayed: ["127.0.0.1", "localhost"].includes(new URL(url).hostname),
  });
  for (const { part, state, says } of findings) console.log(`${MARKS[state]} ${part.padEnd(22)} ${says}`);
  const bad = findings.filter(({ state }) => state === "ill").length;
  console.log(bad === 0 ? "\nNothing is wrong." : `\n${bad} of ${findings.length} findings need you.`);
  process.exitCode = bad === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
