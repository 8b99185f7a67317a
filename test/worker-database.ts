import { httpDatabase } from "@souk/db/client";
import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { inject } from "vitest";

// Each test file gets a copy of the migrated template. A Worker's environment is parsed at its first request, which comes later.
if (env.DATABASE_URL !== undefined) {
  const name = `t_${crypto.randomUUID().replaceAll("-", "")}`;
  const owner = httpDatabase(`${inject("ownerUrl")}postgres`, inject("neon"));
  await owner.execute(sql.raw(`CREATE DATABASE ${name} TEMPLATE template_souk STRATEGY FILE_COPY`));
  Object.assign(env, { DATABASE_URL: `${env.DATABASE_URL}${name}` });
}
