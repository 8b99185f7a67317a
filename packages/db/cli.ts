import { parseArgs } from "node:util";
import { backup } from "./operate/backup.ts";
import { migrate } from "./operate/migrate.ts";
import { endOldPasswords, renewPasswords } from "./operate/passwords.ts";
import { restore } from "./operate/restore.ts";
import { SERVICES, type Service } from "./src/roles.ts";

/** @throws Error when a name is none of a service; no name means all */
function servicesNamed(names: readonly string[]): readonly Service[] {
  const unknown = names.find((name) => !SERVICES.some((service) => service === name));
  if (unknown !== undefined)
    throw new Error(`There is no service ${unknown}; there are ${SERVICES.join(", ")}.`);
  return names.length > 0 ? SERVICES.filter((service) => names.includes(service)) : SERVICES;
}

/** Each command of `npm run db:<command>`. All work on the database that OWNER_DATABASE_URL names. */
const COMMANDS: Record<string, (url: string, args: string[]) => Promise<void>> = {
  async migrate(url) {
    await migrate(url);
    console.log("The database has the newest schema.");
  },
  async passwords(url, names) {
    const urls = await renewPasswords(url, servicesNamed(names));
    console.log(
      "Put each into its Worker's secrets: npx wrangler secret put DATABASE_URL -c workers/<service>/wrangler.toml",
    );
    for (const [service, secret] of urls) console.log(`${service} ${secret}`);
    console.log("The passwords before stay good until: npm run db:end-passwords -- SERVICE...");
  },
  async "end-passwords"(url, names) {
    const services = servicesNamed(names);
    await endOldPasswords(url, services);
    console.log(`Only the newest password is good now: ${services.join(", ")}.`);
  },
  async backup(url, [folder = `backup-${new Date().toISOString().replace(/\W/g, "")}`]) {
    const { tables } = await backup(url, folder);
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    console.log(`${folder}: ${tables.length} tables, ${rows} rows.`);
  },
  async restore(url, [folder]) {
    if (folder === undefined) throw new Error("Name the backup's folder: npm run db:restore -- FOLDER");
    const { tables, createdAt } = await restore(url, folder);
    console.log(`Restored ${tables.length} tables as of ${createdAt}.`);
  },
};

const [command = "", ...args] = parseArgs({ allowPositionals: true }).positionals;
const run = COMMANDS[command];
const url = process.env["OWNER_DATABASE_URL"];
try {
  if (run === undefined) throw new Error(`Commands: ${Object.keys(COMMANDS).join(", ")}`);
  if (!url) throw new Error("Set OWNER_DATABASE_URL to the connection string of the database's owner.");
  await run(url, args);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
