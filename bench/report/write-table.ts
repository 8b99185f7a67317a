import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { machine } from "./machine.ts";
import { barPlot } from "./plot.ts";
import type { Table } from "./table.ts";

const folder = join(import.meta.dirname, "..");
const FILE = join(folder, "results.md");
const HEAD = `# Benchmarks

Written by \`npm run bench\`; \`npm run bench -- gateway|tick|latency|login|chat|size\` renews one part. Every peer runs on the same machine in the same
command, the runs alternate, and figures are medians. What a run leaves out or simulates stands below its table.
`;

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function section(table: Table): string {
  const judged = table.judged.map(
    ({ target, figure, met }) => `- ${met ? "Met" : "**Missed**"}: ${target}. Measured: ${figure}.`,
  );
  return `<!-- ${table.name} -->

## ${table.title}

${table.about}

${[table.columns, table.columns.map(() => "---"), ...table.rows].map(line).join("\n")}

![${table.title}](plots/${table.name}.svg)

${judged.join("\n")}

Left out or simulated: ${table.leftOut.join("; ")}.

Machine: ${machine()}. Measured on ${new Date().toISOString().slice(0, 10)}.

<!-- /${table.name} -->
`;
}

/** Puts a table and its plot into bench/results.md, in place of its last one. */
export function writeTable(table: Table): void {
  mkdirSync(join(folder, "plots"), { recursive: true });
  writeFileSync(join(folder, "plots", `${table.name}.svg`), barPlot(table));
  const old = existsSync(FILE) ? readFileSync(FILE, "utf8") : HEAD;
  const [begin, end] = [`<!-- ${table.name} -->`, `<!-- /${table.name} -->\n`];
  const at = old.indexOf(begin);
  const text =
    at < 0
      ? `${old}\n${section(table)}`
      : old.slice(0, at) + section(table) + old.slice(old.indexOf(end) + end.length);
  writeFileSync(FILE, text);
}
