import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { parsePrometheus } from "../workers/gateway/test/parse-prometheus.ts";
import { eventually } from "./http.ts";
import { nextAddress } from "./next-address.ts";
import { stubsFor } from "./stubs.ts";
import { WORKERS } from "./workers.ts";

const [GATEWAY] = WORKERS;
if (GATEWAY === undefined) throw new Error("there is no gateway");
const { config } = GATEWAY;
const vars = z.record(z.string(), z.string()).parse(config.vars);

type Name = "gateway" | "gateway-2";
const gateways = new Map<Name, Miniflare>();
let token: string;

/** The gateway as one module, as it is deployed. */
async function bundled(dir: string): Promise<string> {
  const outfile = join(dir, "gateway.mjs");
  const entry = join(import.meta.dirname, "../workers/gateway/src/index.ts");
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    target: "esnext",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
  });
  return readFile(outfile, "utf8");
}

/**
 * A gateway in a workerd process of its own, as isolates are in data centres of their own, with stubs of the Workers that it binds.
 * @param registry where the processes find each other: the second's objects are those of the first
 */
async function start(name: Name, script: string, registry: string): Promise<Miniflare> {
  const objects = config.durable_objects.bindings.map(({ name: binding, class_name: className }) => [
    binding,
    { className, useSQLite: true, ...(name !== "gateway" && { scriptName: "gateway" }) },
  ]);
  const services = config.services.map(({ binding, service, entrypoint, props }) => [
    binding,
    { name: service, ...(entrypoint !== undefined && { entrypoint }), ...(props !== undefined && { props }) },
  ]);
  const limits = config.ratelimits.map(({ name: binding }) => [
    binding,
    { namespace_id: binding, simple: { limit: 10_000, period: 60 as const } },
  ]);
  const worker = {
    name,
    compatibilityDate: config.compatibility_date,
    modules: [{ type: "ESModule" as const, path: "gateway.mjs", contents: script }],
    bindings: { ...vars, LOG_LEVEL: "error" },
    serviceBindings: { ASSETS: "users", ...Object.fromEntries(services) },
    durableObjects: Object.fromEntries(objects),
    ratelimits: Object.fromEntries(limits),
    queueProducers: { DEAD_LETTERS: { queueName: "dead-letters" } },
  };
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [worker, ...stubsFor("gateway")],
      unsafeDevRegistryPath: registry,
      cf: false,
      telemetry: { enabled: false },
    }),
  );
  await miniflare.ready;
  return miniflare;
}

beforeAll(async () => {
  const dir = join(inject("scratch"), crypto.randomUUID());
  await mkdir(dir);
  const script = await bundled(dir);
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: "k", alg: "ES256", use: "sig" };
  for (const name of ["gateway", "gateway-2"] as const) {
    const miniflare = await start(name, script, join(dir, "registry"));
    gateways.set(name, miniflare);
    const auth = await miniflare.getWorker("auth");
    const body = JSON.stringify({ jwks: { keys: [jwk] } });
    await (await auth.fetch("https://control/", { method: "PUT", body })).text();
  }
  const [sub, sid, jti] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
  token = await new SignJWT({ sub, sid, jti, email: "ada@example.com", role: "admin" })
    .setProtectedHeader({ alg: "ES256", kid: "k", typ: "JWT" })
    .setIssuer(vars["ISSUER"] ?? "")
    .setAudience(vars["AUDIENCE"] ?? "")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(privateKey);
});
afterAll(async () => {
  for (const miniflare of gateways.values()) await miniflare.dispose();
});

async function call(gateway: Name, method: string, path: string, body?: unknown) {
  const miniflare = gateways.get(gateway);
  if (miniflare === undefined) throw new Error(`${gateway} does not run`);
  return miniflare.dispatchFetch(`https://souk.test${path}`, {
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
}

describe("two gateways, each in a process of its own,", () => {
  it("sum their requests in one metrics object, whichever is asked", async () => {
    const counted = async (gateway: Name) => {
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
