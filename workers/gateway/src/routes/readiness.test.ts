import { exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { requestsTo, tell } from "../../test/domain-workers.ts";
import { accessToken, publish, signingKey, type SigningKey } from "../../test/tokens.ts";
import { Readiness } from "../schemas.ts";
import { WORKER_NAMES } from "../workers.ts";

let key: SigningKey;
let clock = Date.now();
const passSeconds = (seconds: number) => vi.setSystemTime((clock += seconds * 1000));
const ask = async (role: string) =>
  exports.default.fetch("https://souk.test/api/v1/admin/readiness", {
    headers: { authorization: `Bearer ${await accessToken(key, { role })}` },
  });
const readiness = async () => Readiness.parse(await (await ask("admin")).json());

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  passSeconds(3600);
  key = await signingKey(crypto.randomUUID());
  for (const worker of WORKER_NAMES) await tell(worker, {});
  await publish(key);
});
afterEach(() => vi.useRealTimers());

describe("GET /api/v1/admin/readiness", () => {
  it("is for admins alone, and asks no one otherwise", async () => {
    expect((await ask("user")).status).toBe(403);
    expect((await exports.default.fetch("https://souk.test/api/v1/admin/readiness")).status).toBe(401);
    expect(await requestsTo("users")).toBe(0);
  });

  it("tells of every Worker", async () => {
    const answer = await readiness();
    expect(answer.ready).toBe(true);
    expect(Object.keys(answer.workers)).toEqual(WORKER_NAMES);
  });

  it("names the one that is not ready, and the one that throws", async () => {
    await tell("users", { ready: false });
    await tell("email", { fail: "throw" });
    const { ready, workers } = await readiness();
    expect(ready).toBe(false);
    expect(WORKER_NAMES.filter((name) => !workers[name]?.ready)).toEqual(["users", "email"]);
  });

  it("does not wait for one that hangs", async () => {
    await tell("alerts", { fail: "hang" });
    expect((await readiness()).workers.alerts?.ready).toBe(false);
  });

  it("is kept for 10 s", async () => {
    await readiness();
    await tell("users", { ready: false });
    expect((await readiness()).ready).toBe(true);
    expect(await requestsTo("users")).toBe(0);
    passSeconds(11);
    expect((await readiness()).ready).toBe(false);
    expect(await requestsTo("users")).toBe(1);
  });
});
