import { join } from "node:path";
import { shown, type Table } from "./report/table.ts";
import { buildBundles, type Bundle, wrangler } from "./system/bundles.ts";
import { SCRATCH } from "./system/scratch.ts";

const MOST_BYTES = 1024 * 1024;

/** Milliseconds that a Worker's start keeps the CPU busy, by `wrangler check startup`. @throws Error when it does not say */
async function startupMs({ name, path }: Bundle): Promise<number> {
  const outfile = join(SCRATCH, `startup-${name}.cpuprofile`);
  const printed = await wrangler(["check", "startup", "-c", path, "--outfile", outfile, "--args=--minify"]);
  const active = /Active: ([\d.]+) ms/.exec(printed)?.[1];
  if (active === undefined) throw new Error(`wrangler check startup said nothing of ${name}: ${printed}`);
  return Number(active);
}

/** The compressed size of each Worker as it would be uploaded, and what its start costs. */
export async function measureSize(): Promise<Table> {
  const workers = [];
  for (const bundle of await buildBundles()) workers.push({ ...bundle, startup: await startupMs(bundle) });
  const kilobytes = (bytes: number) => bytes / 1024;
  const largest = Math.max(...workers.map(({ gzipBytes }) => gzipBytes));
  return {
    name: "size",
    title: "Size and start of each Worker",
    about:
      "The minified module of `wrangler deploy --dry-run --minify`, plain and by gzip, and the time that `wrangler check startup` finds the CPU busy while the Worker starts here (the platform allows 400 ms).",
    columns: ["Worker", "KiB", "KiB compressed", "start, ms"],
    rows: workers.map(({ name, bytes, gzipBytes, startup }) => [
      name,
      shown(kilobytes(bytes)),
      shown(kilobytes(gzipBytes)),
      shown(startup),
    ]),
    judged: [
      {
        target: "no Worker above 1 MB compressed",
        figure: `${shown(kilobytes(largest))} KiB is the largest`,
        met: largest <= MOST_BYTES,
      },
    ],
    leftOut: ["the gateway's assets, which are not part of its script"],
    plot: {
      unit: "KiB compressed",
      bars: workers.map(({ name, gzipBytes }) => ({ label: name, value: kilobytes(gzipBytes) })),
    },
  };
}
