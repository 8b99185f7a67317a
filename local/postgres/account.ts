import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { StartError } from "../start-error.ts";

/** The operating system account that Postgres runs as. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * The account for a data folder; undefined means our own. Postgres refuses to run as root, so for root it is
 * the folder's owner when another user made it, else the machine's `postgres` or `nobody`: no account is created.
 * @throws StartError when root has no such account to use
 */
export function accountFor(dir: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (existsSync(dir)) {
    const { uid, gid } = statSync(dir);
    if (uid !== 0) return { uid, gid };
  }
  for (const name of ["postgres", "nobody"]) {
    const uid = idOf("-u", name);
    const gid = idOf("-g", name);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new StartError(
    "PostgreSQL does not run as root and there is no user `postgres` or `nobody`. Start Souk as an ordinary user.",
  );
}

function idOf(flag: "-u" | "-g", name: string): number | undefined {
  const { status, stdout } = spawnSync("id", [flag, name], { encoding: "utf8" });
  return status === 0 ? Number(stdout) : undefined;
}

/** Throws a StartError that names the first folder above `path` which the account may not enter. */
export function requireReachable(path: string, account: Account): void {
  const parent = dirname(path);
  if (parent === path) return;
  requireReachable(parent, account);
  if (!existsSync(parent)) return;
  const { uid, gid, mode } = statSync(parent);
  const enters = uid === account.uid ? mode & 0o100 : gid === account.gid ? mode & 0o010 : mode & 0o001;
  if (enters === 0) {
    throw new StartError(
      `PostgreSQL does not run as root, and the user it runs as (uid ${account.uid}) cannot enter ${parent}. ` +
        `Start Souk as an ordinary user, move the checkout, or run \`chmod o+x ${parent}\`.`,
    );
  }
}
