import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { measureChat } from "./chat.ts";
import { measureGateway } from "./gateway.ts";
import { measureLatency } from "./latency.ts";
import { measureLogin } from "./login.ts";
import type { Table } from "./report/table.ts";
import { writeTable } from "./report/write-table.ts";
import { measureSize } from "./size.ts";
import { type Databases, startDatabases } from "./system/database.ts";
import { SCRATCH } from "./system/scratch.ts";
import { measureTick } from "./tick.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { large: { type: "boolean" } },
});

const ROWS: Record<string, (databases: Databases) => Promise<Table>> = {
  gateway: measureGateway,
  tick: (databases) => measureTick(databases, values.large ?? false),
  latency: measureLatency,
  login: measureLogin,
  size: measureSize,
  chat: measureChat,
};

const unknown = positionals.find((name) => !(name in ROWS));
if (unknown !== undefined) {
  console.error(`No benchmark is called ${unknown}. There are: ${Object.keys(ROWS).join(", ")}.`);
  process.exit(1);
}
mkdirSync(SCRATCH, { recursive: true });
const databases = await startDatabases();
try {
  for (const [name, measure] of Object.entries(ROWS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    console.log(`${name} ...`);
    const begun = performance.now();
    const table = await measure(databases);
    writeTable(table);
    for (const { target, figure, met } of table.judged)
      console.log(`  ${met ? "met   " : "MISSED"} ${target}: ${figure}`);
    console.log(`  in ${Math.round((performance.now() - begun) / 1000)} s`);
  }
  console.log("bench/results.md is written.");
} finally {
  await databases.stop();
}
