import { createRequire } from "node:module";
import { arch, cpus, release, totalmem, type } from "node:os";
import { z } from "zod";

const require = createRequire(import.meta.url);
const versionOf = (name: string): string =>
  z.object({ version: z.string() }).parse(require(`${name}/package.json`)).version;

/** The machine and the versions that a figure holds for, in one line. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const versions = ["workerd", "miniflare", "wrangler", "express", "autocannon", "socket.io", "ws"].map(
    (name) => `${name} ${versionOf(name)}`,
  );
  return [
    `${cpus().length} cores (${cpu?.model.trim() || "model unknown"}), ${memory} GiB, ${type()} ${release()} ${arch()}`,
    `Node ${process.versions.node}, PostgreSQL 17, ${versions.join(", ")}`,
  ].join("; ");
}
