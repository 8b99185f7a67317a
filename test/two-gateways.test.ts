import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestHarness } from "wrangler";
import { z } from "zod";
import { parsePrometheus } from "../workers/gateway/test/parse-prometheus.ts";
import { eventually } from "./http.ts";
import { nextAddress } from "./next-address.ts";
import { stubsFor } from "./stubs.ts";
import { WORKERS } from "./workers.ts";

const [GATEWAY] = WORKERS;
if (GATEWAY === undefined) throw new Error("there is no gateway");
const { config } = GATEWAY;

/** The gateway a second time, as another isolate is in another data centre: its own memory, the same objects. */
const second = {
  name: "gateway-2",
  main: join(import.meta.dirname, "../workers/gateway/src/index.ts"),
  compatibility_date: config.compatibility_date,
  vars: z.record(z.string(), z.string()).parse(config.vars),
  services: [
    { binding: "ASSETS", service: "users" },
    ...config.services.map(({ binding, service, entrypoint, props }) => ({
      binding,
      service,
      ...(entrypoint !== undefined && { entrypoint }),
      ...(props !== undefined && { props }),
    })),
  ],
  durable_objects: {
    bindings: config.durable_objects.bindings.map(({ name, class_name }) => ({
      name,
      class_name,
      script_name: "gateway",
    })),
  },
  ratelimits: config.ratelimits.map(({ name }) => ({
    name,
    namespace_id: name,
    simple: { limit: 10_000, period: 60 as const },
  })),
};

let harness: ReturnType<typeof createTestHarness>;
let token: string;

beforeAll(async () => {
  const dir = join(inject("scratch"), crypto.randomUUID());
  await mkdir(dir);
  const stubs = await Promise.all(
    stubsFor("gateway").map(async ({ name, script }) => {
      const main = join(dir, `${name}.mjs`);
      await writeFile(main, script);
      return { config: { name, main, compatibility_date: config.compatibility_date } };
    }),
  );
  harness = createTestHarness({
    workers: [{ configPath: GATEWAY.configPath }, { config: second }, ...stubs],
  });
  await harness.listen();

  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "k", alg: "ES256", use: "sig" };
  await harness
    .getWorker("auth")
    .fetch("https://control/", { method: "PUT", body: JSON.stringify({ jwks: { keys: [jwk] } }) });
  const [sub, sid, jti] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  token = await new SignJWT({ sub, sid, jti, email: "ada@example.com", role: "admin" })
    .setProtectedHeader({ alg: "ES256", kid: "k" })
    .setIssuer(second.vars["ISSUER"] ?? "")
    .setAudience(second.vars["AUDIENCE"] ?? "")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(privateKey);
});
afterAll(() => harness.close());

const call = (gateway: "gateway" | "gateway-2", method: string, path: string, body?: unknown) =>
  harness.getWorker(gateway).fetch(`https://souk.test${path}`, {
    method,
    headers: {
      "cf-connecting-ip": nextAddress(),
      ...(path.startsWith("/metrics") || path.includes("/admin/")
        ? { authorization: `Bearer ${token}` }
        : {}),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

describe("two gateways", () => {
  it("sum their requests in one metrics object, whichever is asked", async () => {
    const counted = async (gateway: "gateway" | "gateway-2") => {
      const { samples } = parsePrometheus(await (await call(gateway, "GET", "/metrics")).text());
      return samples.find(
        ({ name, labels }) => name === "http_requests_total" && labels["route"] === "/health",
      )?.value;
    };
    for (let n = 0; n < 12; n++)
      expect((await call(n < 7 ? "gateway" : "gateway-2", "GET", "/health")).status).toBe(200);
    for (const gateway of ["gateway", "gateway-2"] as const)
      await eventually(`${gateway} to tell of all requests`, async () =>
        (await counted(gateway)) === 12 ? true : undefined,
      );
  });

  it("learn within 10 s what was changed and purged at the other", async () => {
    const url = "/api/v1/prices/current?metal=XAU&currency=USD";
    const first = await (await call("gateway-2", "GET", url)).text();
    const again = await call("gateway-2", "GET", url);
    expect([again.headers.get("x-cache"), await again.text()]).toEqual(["HIT", first]);

    expect((await call("gateway", "POST", "/api/v1/admin/cache/purges", { tags: ["prices"] })).status).toBe(
      204,
    );
    const change = { version: 0, closedRoutes: ["GET /api/v1/prices/history"] };
    expect((await call("gateway", "PATCH", "/api/v1/admin/control", change)).status).toBe(200);
    const within = 10_000;
    await eventually(
      "the other gateway to heed the purge",
      async () => ((await (await call("gateway-2", "GET", url)).text()) === first ? undefined : true),
      within,
    );
    await eventually(
      "the other gateway to close the route",
      async () =>
        (await call("gateway-2", "GET", "/api/v1/prices/history")).status === 503 ? true : undefined,
      within,
    );
  });
});
