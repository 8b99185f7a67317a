import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { ROLES } from "@souk/kit/actor";
import { createContext, type Context } from "@souk/kit/context";
import { appErrorOf } from "@souk/kit/errors";
import { devPorts } from "../../../local/dev-ports.ts";
import { grantRole } from "../src/services/grant-role.ts";

const USAGE = `npm run admin:grant -- EMAIL [--role ${ROLES.join("|")}]`;

/** The database that OWNER_DATABASE_URL names, or that of `npm run dev` on this machine. */
function database(): { DATABASE_URL: string; NEON_ENDPOINT: string } {
  const url = process.env["OWNER_DATABASE_URL"];
  if (url) return { DATABASE_URL: url, NEON_ENDPOINT: process.env["NEON_ENDPOINT"] ?? "" };
  const { postgres, neon } = devPorts(process.env);
  return {
    DATABASE_URL: `postgres://postgres:postgres@127.0.0.1:${postgres}/souk`,
    NEON_ENDPOINT: `http://127.0.0.1:${neon}`,
  };
}

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { role: { type: "string", default: "admin" } },
  });
  const [email, ...rest] = positionals;
  const role = ROLES.find((name) => name === values.role);
  if (email === undefined || rest.length > 0 || role === undefined) throw new Error(USAGE);
  const context: Context = createContext(
    { VERSION: "cli", LOG_LEVEL: "warn" as const, ...database() },
    { service: "auth", waitUntil: () => {} },
  );
  await grantRole(context, { email, role, grantedBy: `operator ${userInfo().username}` });
  console.log(`${email} has the role ${role}. Access tokens carry it from the next log-in or refresh on.`);
} catch (error) {
  console.error(appErrorOf(error)?.detail ?? (error instanceof Error ? error.message : error));
  process.exitCode = 1;
}
