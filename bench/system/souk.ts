import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Bundle } from "./bundles.ts";
import { startChild, type Child } from "./child.ts";
import { SCRATCH } from "./scratch.ts";

interface SoukOptions {
  /** Which Workers; the first is reached from outside. */
  bundles: readonly Bundle[];
  /** Variables and secrets by Worker name. */
  environments: Record<string, Record<string, string>>;
}

export interface Souk {
  url: string;
  /** The Miniflare process; workerd is its child. */
  pid: number;
  /** Runs a cron of a Worker to its end. */
  fireCron: (worker: string, cron: string, scheduledTime: Date) => Promise<void>;
  stop: () => Promise<void>;
}

/**
 * Starts the minified bundles in Miniflare, without assets, the first one behind a direct socket of workerd.
 * A Worker that is bound and not among the bundles is replaced by one that does nothing.
 */
export async function startSouk(options: SoukOptions): Promise<Souk> {
  const persistTo = mkdtempSync(join(SCRATCH, "state-"));
  const bundles = options.bundles.map(({ name, path, outDir }) => ({ name, path, outDir }));
  const asked = { bundles, environments: options.environments, persistTo };
  const child: Child = await startChild(join(import.meta.dirname, "serve-souk.ts"), asked);
  return {
    url: child.url,
    pid: child.pid,
    fireCron: async (worker, cron, scheduledTime) =>
      void (await child.ask({ worker, cron, scheduledTime: scheduledTime.getTime() })),
    stop: async () => {
      await child.stop();
      rmSync(persistTo, { recursive: true, force: true });
    },
  };
}
