import { httpDatabase, type Database } from "@souk/db/client";
import { env } from "cloudflare:workers";
import { inject } from "vitest";

/** The test file's database as its owner, who may read every schema. */
export function ownerDatabase(): Database {
  const { pathname } = new URL(env.DATABASE_URL);
  return httpDatabase(inject("ownerUrl").replace(/\/$/, pathname), inject("neon"));
}
