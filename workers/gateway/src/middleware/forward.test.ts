import { exports } from "cloudflare:workers";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actorIn, echoOf } from "../../test/domain-workers.ts";
import document from "../../../../docs/openapi.json" with { type: "json" };
import { accessToken, publish, SESSION_ID, signingKey, USER_ID } from "../../test/tokens.ts";

import { PASSED } from "./forward.ts";

const PUBLIC_ROUTE = "/ws";

const call = (path: string, headers: Record<string, string> = {}) =>
  exports.default.fetch(`https://souk.test${path}`, { headers });

describe("identity from outside", () => {
  const admin = encodeActor({
    userId: USER_ID,
    email: "evil@example.com",
    role: "admin",
    sessionId: SESSION_ID,
  });
  const claimHeader = fc
    .constantFrom(
      ACTOR_HEADER,
      "x-souk-anything",
      "x-forwarded-for",
      "x-forwarded-host",
      "x-real-ip",
      "forwarded",
      "true-client-ip",
      "cf-access-jwt-assertion",
      "cf-worker",
    )
    .chain((name) =>
      fc.array(fc.boolean(), { minLength: name.length, maxLength: name.length }).map((upper) =>
        name
          .split("")
          .map((letter, at) => (upper[at] ? letter.toUpperCase() : letter))
          .join(""),
      ),
    );

  it("is deleted, whatever the spelling of its header", async () => {
    const key = await signingKey("forward");
    await publish(key);
    const token = await accessToken(key);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(claimHeader, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (names, loggedIn) => {
          const headers = new Headers(names.map((name): [string, string] => [name, admin]));
          if (loggedIn) headers.set("authorization", `Bearer ${token}`);
          const echo = await echoOf(
            await exports.default.fetch(`https://souk.test${PUBLIC_ROUTE}`, { headers }),
          );
          expect(actorIn(echo)?.email).toBe(loggedIn ? "ada@example.com" : undefined);
          expect(JSON.stringify(echo.headers)).not.toContain("evil");
        },
      ),
      { numRuns: 60 },
    );
  });

  it("opens no route", async () => {
    expect((await call("/api/v1/users/me", { [ACTOR_HEADER]: admin })).status).toBe(401);
    expect((await call("/api/v1/events/dead-letters", { [ACTOR_HEADER]: admin })).status).toBe(401);
  });

  it("leaves the platform's own client address, which a Worker may record", async () => {
    const echo = await echoOf(
      await call(PUBLIC_ROUTE, { "cf-connecting-ip": "203.0.113.9", "user-agent": "test" }),
    );
    expect(echo.headers).toMatchObject({ "cf-connecting-ip": "203.0.113.9", "user-agent": "test" });
  });
});

describe("the headers that a Worker is told", () => {
  it("are those that no Worker's answer can do without, and no others", async () => {
    const echo = await echoOf(
      await call(PUBLIC_ROUTE, {
        ...Object.fromEntries(PASSED.filter((name) => name !== "upgrade").map((name) => [name, "a"])),
        cookie: "a=1",
        "x-anything": "a",
        authorization: "",
      }),
    );
    const told = ["content-length", "host", "traceparent", "x-request-id", ...PASSED];
    expect(Object.keys(echo.headers).filter((name) => !told.includes(name))).toEqual([]);
    expect(echo.headers).toMatchObject({ "idempotency-key": "a", "last-event-id": "a", origin: "a" });
  });

  it("hold each that the API's document declares", () => {
    const declared = Object.values(document.paths)
      .flatMap((path) => Object.values(path))
      .flatMap((operation) => ("parameters" in operation ? operation.parameters : []))
      .flatMap((parameter) => (parameter.in === "header" ? parameter.name.toLowerCase() : []));
    expect(declared).toContain("idempotency-key");
    expect(PASSED).toEqual(expect.arrayContaining(declared));
  });
});
