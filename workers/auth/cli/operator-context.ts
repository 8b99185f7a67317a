import { createContext, type Context } from "@souk/kit/context";
import { devPorts } from "../../../local/dev-ports.ts";

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

/** What a verb is given when an operator runs it with the database owner's credentials. */
export const operatorContext = (): Context =>
  createContext(
    { VERSION: "cli", LOG_LEVEL: "warn", ...database() },
    { service: "auth", waitUntil: () => {} },
  );
