import { spawn } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "../error-code.ts";
import { StartError } from "../start-error.ts";
import type { Account } from "./account.ts";

/** Name of the superuser, and its password: it listens on 127.0.0.1 only and holds nothing but local data. */
export const SUPERUSER = "postgres";
export const SUPERUSER_PASSWORD = "postgres";

// With LC_CTYPE "C", lower('Ü'), ILIKE, citext and pg_trgm are wrong for every non-ASCII letter.
const LOCALE = process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8";
const INITDB_FLAGS = [
  [
    "--encoding=UTF8",
    `--locale=${LOCALE}`,
    "--lc-messages=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
  ],
  ["--auth=scram-sha-256", `--username=${SUPERUSER}`, "--no-sync", "--no-instructions"],
].flat();

/** Throws a StartError unless `dir` is a PostgreSQL 17 data folder, an empty folder, or does not exist. Says whether it is one. */
export function isCluster(dir: string): boolean {
  try {
    const files = existsSync(dir) ? readdirSync(dir) : [];
    if (files.length === 0) return false;
    if (!files.includes("PG_VERSION"))
      throw new StartError(
        `${dir} is not a PostgreSQL data folder (it has no PG_VERSION). Delete it or move it away, then start again.`,
      );
    const version = readFileSync(`${dir}/PG_VERSION`, "utf8").trim();
    if (version !== "17")
      throw new StartError(
        `${dir} was made by PostgreSQL ${version}, this is 17. Delete it (its data is lost) or move it away, then start again.`,
      );
    return true;
  } catch (error) {
    if (errorCode(error) === "EACCES")
      throw new StartError(`${dir} belongs to another user. Start Souk as that user, or delete the folder.`);
    if (errorCode(error) === "ENOTDIR")
      throw new StartError(`${dir} is a file, a folder is needed. Delete it, then start again.`);
    throw error;
  }
}

/**
 * Makes a new cluster in `dir`. It is made beside it and renamed at the end, so a killed start leaves no half cluster.
 * @throws StartError when initdb fails
 */
export async function createCluster(
  dir: string,
  initdb: string,
  account: Account | undefined,
): Promise<void> {
  const unfinished = `${dir}.new`;
  const passwordFile = `${dir}.password`;
  try {
    mkdirSync(dirname(dir), { recursive: true });
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { mode: 0o700 });
    writeFileSync(passwordFile, SUPERUSER_PASSWORD, { mode: 0o600 });
    if (account) {
      chownSync(unfinished, account.uid, account.gid);
      chownSync(passwordFile, account.uid, account.gid);
    }
    await runInitdb(initdb, [`--pgdata=${unfinished}`, `--pwfile=${passwordFile}`, ...INITDB_FLAGS], account);
    rmSync(dir, { recursive: true, force: true });
    renameSync(unfinished, dir);
  } catch (error) {
    if (errorCode(error) === "EACCES" || errorCode(error) === "EPERM" || errorCode(error) === "EROFS")
      throw new StartError(
        `${dirname(dir)} cannot be written by this user. Make it writable, or delete it, then start again.`,
      );
    throw error;
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
}

async function runInitdb(initdb: string, flags: string[], account: Account | undefined): Promise<void> {
  const child = spawn(initdb, flags, {
    ...account,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] },
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exitCode = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (exitCode !== 0) throw initdbError(output);
}

function initdbError(output: string): StartError {
  if (output.includes("error while loading shared libraries"))
    return new StartError(
      "PostgreSQL's libraries are not linked. Run `npm ci` with its install scripts allowed, then start again.",
    );
  const reason = output.split("\n").find((line) => /error|fatal|could not/i.test(line)) ?? output.trim();
  return new StartError(`PostgreSQL could not make its data folder: ${reason.trim()}`);
}
