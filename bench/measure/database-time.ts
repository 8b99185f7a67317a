import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { asOwner } from "@souk/db/operate/owner";
import type { Databases } from "../system/database.ts";

const LINE = /^(\w+) LOG: {2}duration: ([\d.]+) ms/gm;

function readFrom(file: string, offset: number): string {
  const handle = openSync(file, "r");
  try {
    const rest = Buffer.alloc(Math.max(0, fstatSync(handle).size - offset));
    return rest.toString("utf8", 0, readSync(handle, rest, 0, rest.length, offset));
  } finally {
    closeSync(handle);
  }
}

/** Makes the server log how long each statement of this database takes. */
export const logDurations = (databases: Databases, database: string): Promise<unknown> =>
  asOwner(databases.url(database), (client) =>
    client.query(`ALTER DATABASE ${database} SET log_min_duration_statement = 0`),
  );

/**
 * Runs work and gives the time that PostgreSQL itself took over the database's statements: parse, bind, execute and commit with its flush,
 * without the way there and back. The database must log durations; nothing else may use it meanwhile.
 * @returns milliseconds in the database, and by the clock of the caller
 */
export async function databaseTime(
  databases: Databases,
  database: string,
  work: () => Promise<unknown>,
): Promise<{ databaseMs: number; clockMs: number }> {
  const handle = openSync(databases.logFile, "r");
  const offset = fstatSync(handle).size;
  closeSync(handle);
  const begun = performance.now();
  await work();
  const clockMs = performance.now() - begun;
  // Our process writes the server's log; its lines before this mark are then all there.
  const mark = `mark ${crypto.randomUUID()}`;
  await asOwner(databases.url(database), (client) => client.query(`SELECT '${mark}'`));
  let text = "";
  while (!text.includes(mark)) {
    await delay(5);
    text = readFrom(databases.logFile, offset);
  }
  const own = text.slice(0, text.lastIndexOf("\n", text.indexOf(mark)));
  const databaseMs = [...own.matchAll(LINE)]
    .filter(([, name]) => name === database)
    .reduce((sum, [, , ms]) => sum + Number(ms), 0);
  return { databaseMs, clockMs };
}
