import { createPublicKey } from "node:crypto";
import { join } from "node:path";
import { asOwner } from "@souk/db/operate/owner";
import { z } from "zod";
import { startBareEmpty } from "./gateway/bare-empty.ts";
import { startBareSouk } from "./gateway/bare-souk.ts";
import { burst, steady, type Burst, type Target, type Waits } from "./gateway/burst.ts";
import { processTree } from "./measure/process.ts";
import { median } from "./measure/statistics.ts";
import { shown, type Table } from "./report/table.ts";
import { buildBundles } from "./system/bundles.ts";
import { startChild } from "./system/child.ts";
import type { Databases } from "./system/database.ts";
import { benchEnvironment, PUBLIC_URL } from "./system/environment.ts";
import { accessToken } from "./system/tokens.ts";

const DATABASE = "bench_gateway";
const PATH = "/api/v1/prices/current?metal=XAU&currency=USD";
const TOKENS = 100;
const ROUNDS = 7;
/** So long that each round has its share of the collections which come once in ten thousand requests or so. */
const SECONDS = 10;
const SECONDS_AT_HALF_LOAD = 4;
/** Until the JIT compilers have come to rest: they are part of the processes whose CPU time is counted. */
const WARM_UP_SECONDS = 10;
/** Of what a server can take. */
const HALF = 0.5;
/** Quotas that nobody reaches here: what is measured is how they are counted. */
const QUOTAS = JSON.stringify({ anonymous: 1, authenticated: 1_000_000_000, premium: 1_000_000_000 });

const here = (file: string) => join(import.meta.dirname, "gateway", file);

const storePrice = (databases: Databases) =>
  asOwner(databases.url(DATABASE), (client) =>
    client.query(`INSERT INTO alerts.prices (id, metal, currency, price, bid, ask, change, sources, quoted_at, fetched_at)
      VALUES (gen_random_uuid(), 'XAU', 'USD', 2001.5, 2001, 2002, 0.5, 3, now(), now())`),
  );

/** An authenticated GET through the gateway to a domain Worker that needs no database, against the same on Express and two empty Workers. */
export async function measureGateway(databases: Databases): Promise<Table> {
  await using servers = new AsyncDisposableStack();
  const started = async <T extends { stop: () => Promise<void> }>(starting: Promise<T>): Promise<T> =>
    servers.adopt(await starting, (server) => server.stop());

  await databases.fresh(DATABASE);
  await storePrice(databases);
  const { secrets, environments } = await benchEnvironment(databases, DATABASE);
  const bundles = await buildBundles();
  const generous = { ...environments, gateway: { ...environments["gateway"], QUOTAS } };
  const souk = await started(startBareSouk(bundles, generous));
  const users = Array.from({ length: TOKENS }, (_, n) => ({
    id: crypto.randomUUID(),
    email: `user${n}@souk.test`,
  }));
  const tokens = await Promise.all(users.map((user) => accessToken(secrets, user)));

  const first = await fetch(souk.url + PATH, { headers: { authorization: `Bearer ${tokens[0]}` } });
  if (first.status !== 200) throw new Error(`The gateway answered ${first.status}: ${await first.text()}`);
  const price = z.record(z.string(), z.unknown()).parse(await first.json());
  const empty = await started(startBareEmpty());
  const service = await started(startChild(here("express-service.js"), { price }));
  const [jwk = {}] = secrets.jwtKeys;
  const publicKey = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
  const gateway = {
    publicKey,
    issuer: PUBLIC_URL,
    audience: "souk",
    origin: PUBLIC_URL,
    serviceUrl: service.url,
  };
  const express = await started(startChild(here("express-gateway.js"), gateway));
  const keeping = await started(startChild(here("express-gateway.js"), { ...gateway, keepVerdicts: true }));

  const ofExpress = (pid: number) => [...processTree(pid), ...processTree(service.pid)];
  const targets = [
    { name: "Souk", url: souk.url, pids: [souk.pid] },
    { name: "Express 5", url: express.url, pids: ofExpress(express.pid) },
    { name: "Express 5, verdicts kept", url: keeping.url, pids: ofExpress(keeping.pid) },
    { name: "Two empty Workers", url: empty.url, pids: [empty.pid] },
  ] as const satisfies readonly Target[];
  const what = { path: PATH, origin: PUBLIC_URL, tokens };
  for (const target of targets) await burst(target, what, WARM_UP_SECONDS);
  databases.neon.resetRoundTrips();
  const bursts = new Map<string, Burst[]>(targets.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const target of targets) bursts.get(target.name)?.push(await burst(target, what, SECONDS));
  }
  const roundTrips = databases.neon.roundTrips();

  const medianOf = (name: string, of: keyof Burst) => median((bursts.get(name) ?? []).map((one) => one[of]));
  const waits = new Map<string, Waits[]>(targets.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const target of targets) {
      const rate = medianOf(target.name, "perSecond") * HALF;
      waits.get(target.name)?.push(await steady(target, what, rate, SECONDS_AT_HALF_LOAD));
    }
  }
  const waitOf = (name: string, of: keyof Waits) => median((waits.get(name) ?? []).map((one) => one[of]));
  const slower = median(
    (waits.get("Souk") ?? []).map(
      ({ p99 }, round) => p99 / (waits.get("Two empty Workers")?.[round]?.p99 ?? Number.NaN),
    ),
  );
  const ratio = (peer: string) => {
    const pairs = (bursts.get("Souk") ?? []).map(
      (ours, round) => ours.perCpuSecond / (bursts.get(peer)?.[round]?.perCpuSecond ?? Number.NaN),
    );
    return median(pairs);
  };
  const judge = (target: string, peer: string, least: number) => ({
    target,
    figure: `${shown(ratio(peer))} times (median of ${ROUNDS} rounds)`,
    met: ratio(peer) >= least,
  });
  return {
    name: "gateway",
    title: "An authenticated GET through the gateway",
    about: `\`GET /api/v1/prices/current\` with an access token of ${TOKENS} people in turn, the price in the Worker's memory, and \`Cache-Control: no-store\`, so that our gateway's cache is passed by and each request goes all the way: ${JSON.stringify(roundTrips)} database round trips in the whole run. ${ROUNDS} rounds of ${SECONDS} s each after a warm-up, 50 connections with one request at a time. Half load: as many rounds of ${SECONDS_AT_HALF_LOAD} s of requests at half the rate that the same server took before, whatever becomes of those before; each is timed from when it was due, those of the first second not; the p99 of workerd there is its collector's: every ten thousand requests or so the native halves of requests, answers and headers are swept in one stop of 100 to 700 ms, the empty Workers' too. CPU time is that of the server's processes: workerd, or Express' gateway and service. The service behind Express logs, validates and answers as our domain Worker does. "Verdicts kept" lets Express remember for a minute that a token is good, as our gateway does.`,
    columns: [
      "Server",
      "requests/CPU s",
      "ms CPU/request",
      "requests/s",
      "p50 ms",
      "p99 ms",
      "p50 ms at half load",
      "p99 ms at half load",
    ],
    rows: targets.map(({ name }) => [
      name,
      shown(medianOf(name, "perCpuSecond")),
      shown(1000 / medianOf(name, "perCpuSecond")),
      shown(medianOf(name, "perSecond")),
      shown(medianOf(name, "p50")),
      shown(medianOf(name, "p99")),
      shown(waitOf(name, "p50")),
      shown(waitOf(name, "p99")),
    ]),
    judged: [
      judge("at least 2 times the requests per CPU second of Express 5", "Express 5", 2),
      judge(
        "at least half the requests per CPU second of two empty Workers joined by one binding",
        "Two empty Workers",
        0.5,
      ),
      {
        target: "p99 at half load under 3 times that of two empty Workers",
        figure: `${shown(slower)} times (median of ${ROUNDS} rounds)`,
        met: slower < 3,
      },
    ],
    leftOut: [
      "assets (they put a router Worker before the gateway)",
      "TLS, HTTP/2 and the network",
      "the flood limit counts in the isolate's memory and refuses nobody: bare workerd has no such binding; our quotas and Express' limit are set to what is never reached",
      "the Workers run in bare workerd serve; what they and Express log goes to /dev/null",
    ],
    plot: {
      unit: "requests per CPU second",
      bars: targets.map(({ name }) => ({ label: name, value: medianOf(name, "perCpuSecond") })),
    },
  };
}
