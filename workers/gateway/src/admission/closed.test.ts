import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Problem } from "@souk/kit/problem";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Admin } from "../../test/admin.ts";
import { requestsTo, tell } from "../../test/domain-workers.ts";
import { newIsolates, type Isolate } from "../../test/isolates.ts";
import { operated, passSeconds } from "../../test/operated.ts";
import { accessToken, publish, type SigningKey } from "../../test/tokens.ts";
import { NO_SETTINGS } from "../control/settings.ts";
import { Env } from "../env.ts";

const MESSAGE = "We move to another house. Back at noon.";
const WRITES = { maintenance: { covers: "writes" as const, message: MESSAGE, retryAfter: 1_800 } };
const EVERYTHING = { maintenance: { ...WRITES.maintenance, covers: "everything" as const } };

let key: SigningKey;
let token: string;
let here: Isolate;
let there: Isolate;
let admin: Admin;

beforeEach(async () => {
  ({ here, there, key, admin } = await operated("users", "alerts"));
  token = await accessToken(key);
});
afterEach(async () => {
  await publish(key);
  passSeconds(10);
  expect((await admin.change({ ...NO_SETTINGS })).status).toBe(200);
  vi.useRealTimers();
});

const call = (isolate: Isolate, route: string, authorization = `Bearer ${token}`) => {
  const [method = "GET", path = ""] = route.split(" ");
  const headers = authorization === "" ? {} : { authorization };
  return isolate(path, { method, headers, ...(method !== "GET" && method !== "HEAD" && { body: "{}" }) });
};
const statusOf = async (...args: Parameters<typeof call>) => (await call(...args)).status;

const READ = "GET /api/v1/users/me";
const WRITE = "PUT /api/v1/users/me";
const PUBLIC = "GET /api/v1/prices/current";

describe("maintenance", () => {
  it("of all writes is told to every caller within 10 s, by an isolate that was warm too, and ends as soon", async () => {
    for (const isolate of [here, there]) expect(await statusOf(isolate, WRITE)).toBe(200);
    expect((await admin.change(WRITES)).status).toBe(200);
    expect(await statusOf(here, WRITE)).toBe(503);
    passSeconds(10.001);
    await tell("users", {});
    for (const isolate of [here, there]) {
      const answer = await call(isolate, WRITE);
      expect(answer.status).toBe(503);
      expect(answer.headers.get("retry-after")).toBe("1800");
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(Problem.parse(await answer.json())).toMatchObject({
        code: "unavailable",
        detail: MESSAGE,
        retryAfter: 1_800,
      });
      // Whoever they are.
      expect(await statusOf(isolate, "POST /api/v1/auth/register", "")).toBe(503);
      expect(await statusOf(isolate, WRITE, "Bearer a.b.c")).toBe(503);
    }
    expect(await requestsTo("users")).toBe(0);
    for (const route of [READ, "HEAD /api/v1/users/me"]) expect(await statusOf(there, route)).toBe(200);
    expect((await admin.change({ maintenance: null })).status).toBe(200);
    passSeconds(10.001);
    for (const isolate of [here, there]) expect(await statusOf(isolate, WRITE)).toBe(200);
  });

  it("is known sooner where there is traffic: behind a request after 5 s", async () => {
    expect(await statusOf(there, PUBLIC, "")).toBe(200);
    await admin.change(EVERYTHING);
    passSeconds(5);
    await vi.waitFor(async () => expect(await statusOf(there, PUBLIC, "")).toBe(503), { timeout: 10_000 });
  });

  it("of everything closes reads and sockets; health, the operators' routes and logging in stay open", async () => {
    await admin.change(EVERYTHING);
    for (const route of [READ, WRITE, PUBLIC, "HEAD /api/v1/prices/current", "GET /ws"])
      expect([route, await statusOf(here, route)]).toEqual([route, 503]);
    for (const route of ["GET /health", "GET /api/v1/flags", "GET /docs"])
      expect([route, await statusOf(here, route, "")]).not.toEqual([route, 503]);
    for (const path of ["login", "login/second-factor", "refresh"])
      expect(await statusOf(here, `POST /api/v1/auth/${path}`, "")).toBe(200);
    expect((await admin.read()).maintenance).toEqual(EVERYTHING.maintenance);
    expect(await statusOf(here, "GET /nothing")).toBe(404);
  });
});

describe("a closed route", () => {
  it("is refused within 10 s, and no other method or path is", async () => {
    expect(await statusOf(there, WRITE)).toBe(200);
    await admin.change({ closedRoutes: [WRITE, PUBLIC, "GET /api/v1/alerts/{id}"] });
    passSeconds(10.001);
    const answer = await call(there, WRITE);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "60"]);
    expect(await statusOf(there, "GET /api/v1/alerts/019a0000-0000-7000-8000-000000000009")).toBe(503);
    // An alias of the path, and HEAD with GET.
    for (const route of ["GET /price/current", "HEAD /api/v1/prices/current"])
      expect([route, await statusOf(there, route)]).toEqual([route, 503]);
    for (const route of [READ, "GET /api/v1/prices/history", "GET /api/v1/alerts"])
      expect([route, await statusOf(there, route)]).toEqual([route, 200]);
  });

  it.each([
    "GET /api/v1/nothing",
    "POST /api/v1/users/me",
    "/api/v1/users/me",
    "PATCH /api/v1/admin/control",
    "GET /health",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh",
  ])("cannot be %s", async (route) => {
    const answer = await admin.change({ closedRoutes: [READ, route] });
    expect(answer.status).toBe(400);
    expect(Problem.parse(await answer.json()).details).toEqual([
      { field: "closedRoutes", message: expect.stringContaining(route) },
    ]);
    expect(await statusOf(here, READ)).toBe(200);
  });
});

describe("while the snapshot cannot be had", () => {
  /** Makes the object fail, and well again. */
  const breakControl = (broken: boolean) =>
    runInDurableObject(Env.parse(env).CONTROL.getByName("control"), (object) => {
      if (broken) vi.spyOn(object, "snapshot").mockRejectedValue(new Error("the test broke it"));
      else vi.restoreAllMocks();
    });

  it("what was known last counts, and strangers are let through by an isolate that never knew", async () => {
    const [other, another] = await newIsolates();
    await admin.change({ closedRoutes: [PUBLIC] });
    await breakControl(true);
    passSeconds(300);
    expect(await statusOf(here, PUBLIC, "")).toBe(503);
    expect(await statusOf(here, "GET /api/v1/prices/history", "")).toBe(200);
    expect(await statusOf(other, PUBLIC, "")).toBe(200);
    expect(await statusOf(another, "GET /api/v1/flags", "")).toBe(503);
    await breakControl(false);
    passSeconds(10);
    await vi.waitFor(async () => expect(await statusOf(there, PUBLIC, "")).toBe(503), { timeout: 10_000 });
  });

  it("that auth is away takes nothing from it", async () => {
    const [fresh] = await newIsolates();
    await tell("auth", { fail: "throw" });
    await runInDurableObject(Env.parse(env).CONTROL.getByName("control"), (object) =>
      object.change({ version: object.document().version, closedRoutes: [PUBLIC] }, crypto.randomUUID()),
    );
    passSeconds(10.001);
    for (const isolate of [fresh, here]) expect(await statusOf(isolate, PUBLIC, "")).toBe(503);
  });
});
