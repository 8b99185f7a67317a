import { join } from "node:path";
import { createSouk, type Souk } from "@souk/client";
import { roleOf, SERVICES } from "@souk/db/roles";
import { asOwner } from "@souk/db/operate/owner";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { readWorkerConfigs } from "../../local/worker-configs.ts";
import { freshDatabase } from "../fresh-database.ts";
import { RUNTIMES, serveWorkers, type Served } from "./runtime.ts";

const ROOT = join(import.meta.dirname, "../..");

/** The environments of the Workers' own tests, on one database, and beside them what their configurations say. */
async function environments(databaseUrl: string): Promise<Record<string, Record<string, unknown>>> {
  const database = (service: string) => {
    const known = SERVICES.find((name) => name === service);
    if (known === undefined) return {};
    const url = Object.assign(new URL(databaseUrl), { username: roleOf(known), password: service });
    return { DATABASE_URL: url.href, SLOW_QUERY_MS: "1000", RETRY_SECONDS: "1" };
  };
  const variables = Object.fromEntries(
    readWorkerConfigs(ROOT).map(({ name, path }) => [name, unstable_readConfig({ config: path }).vars]),
  );
  return Object.fromEntries(
    Object.entries(inject("environments")).map(([name, env]) => [
      name,
      { ...variables[name], ...env, ...database(name) },
    ]),
  );
}

describe.each(RUNTIMES)("the Workers on %s", (runtime) => {
  let served: Served;
  let souk: Souk;

  beforeAll(async () => {
    const databaseUrl = await freshDatabase();
    served = await serveWorkers(runtime, await environments(databaseUrl));
    souk = createSouk({ baseUrl: served.url });
    const email = `${crypto.randomUUID()}@example.com`;
    const password = "Passw0rd-of-a-test";
    await souk.POST("/api/v1/auth/register", {
      body: { email, password, firstName: "Ada", lastName: "Lovelace" },
    });
    await asOwner(databaseUrl, (client) =>
      client.query("UPDATE auth.users SET status = 'active', verified_at = now() WHERE email = $1", [email]),
    );
    const { data } = await souk.POST("/api/v1/auth/login", { body: { email, password } });
    if ("challenge" in data) throw new Error("A second factor is asked of someone who has none");
    souk.setTokens(data);
  });
  afterAll(() => served.stop());

  it.each(["auth", "users", "alerts", "notifications", "email", "events", "chat"])(
    "%s starts, reaches its database, and answers an unknown path with a problem",
    async (worker) => {
      const ready = await fetch(`${served.url}/workers/${worker}/ready`);
      expect([ready.status, await ready.json()]).toEqual([200, { ready: true }]);
      const unknown = await fetch(`${served.url}/workers/${worker}/nothing`);
      expect(unknown.status).toBe(404);
      expect(await unknown.json()).toMatchObject({ code: "not_found", status: 404 });
    },
  );

  it("verifies a token at the gateway, and refuses a changed one", async () => {
    expect((await souk.GET("/api/v1/auth/verify")).response.status).toBe(200);
    const headers = { authorization: "Bearer eyJhbGciOiJFUzI1NiIsImtpZCI6Im5ldyJ9.e30.AAAA" };
    const refused = createSouk({ baseUrl: served.url }).GET("/api/v1/auth/verify", { headers });
    await expect(refused).rejects.toMatchObject({ status: 401, code: "unauthorized" });
  });

  it("reads and writes the database of each Worker that a user may call", async () => {
    const body = { metal: "XAU", currency: "USD", type: "above", threshold: "1000" } as const;
    const made = (await souk.POST("/api/v1/alerts", { body })).data;
    expect((await souk.GET("/api/v1/alerts")).data.items).toEqual([made]);
    expect((await souk.GET("/api/v1/notifications")).data.items).toEqual([]);
    expect((await souk.GET("/api/v1/users/me/preferences")).data).toMatchObject({ notifications: true });
  });

  it("answers a bad body with 400 and its fields", async () => {
    const body = { metal: "XAU", currency: "USD", type: "above", threshold: "-1" } as const;
    await expect(souk.POST("/api/v1/alerts", { body })).rejects.toMatchObject({
      status: 400,
      code: "validation_failed",
      details: [{ field: "threshold" }],
    });
  });
});
