import { ROLES, type Role } from "@souk/kit/actor";
import { SCOPE_NAMES } from "@souk/kit/permissions";
import { decodeJwt, decodeProtectedHeader, importJWK, SignJWT, type CryptoKey } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { testPlatform } from "../platform.ts";
import { expectDocumented, expectProblem } from "./answers.ts";
import { call } from "./call.ts";
import { OPERATIONS, type Operation } from "./document.ts";
import { newApiKey, newWorld, soundRequests, type World } from "./sound-requests.ts";

let world: World;
let key: CryptoKey | Uint8Array;
beforeAll(async () => {
  world = await newWorld();
  const [own] = (await testPlatform()).secrets.jwtKeys;
  key = await importJWK(z.looseObject({ kty: z.string() }).parse(own), "ES256");
});

/** Ada's or Bob's token, had they this role; or that of somebody who owns nothing and has no session. */
function tokenOf(role: Role, who: "ada" | "bob" | "nobody"): Promise<string> {
  const own = world[who === "nobody" ? "ada" : who].accessToken;
  const { alg, kid } = z.object({ alg: z.string(), kid: z.string() }).parse(decodeProtectedHeader(own));
  const id = crypto.randomUUID();
  const other = who === "nobody" ? { sub: id, userId: id, sid: crypto.randomUUID() } : {};
  return new SignJWT({ ...decodeJwt(own), ...other, role })
    .setProtectedHeader({ alg, kid, typ: "JWT" })
    .sign(key);
}

const soundOf = (operation: Operation) => soundRequests(world)[operation.id] ?? { status: 0 };

/** An operation's sound request, but for its body, which is refused after the question who may ask. */
async function ask(operation: Operation, token?: string) {
  const { params, query } = soundOf(operation);
  return call(operation, {
    token,
    ...(params && { params }),
    ...(query && { query }),
    ...(operation.body && { body: "[]" }),
  });
}

const named = (operations: Operation[]) => operations.map((operation) => [operation.id, operation] as const);

/** Answered 401 to who has a good token of a session that is none. */
const OF_A_LIVE_SESSION = new Set(["readExport", "verifySession"]);

describe.each(ROLES)("to a %s", (role) => {
  it.each(named(OPERATIONS))("%s is open as its access says", async (_, operation) => {
    const answer = await ask(operation, await tokenOf(role, "nobody"));
    if (operation.access === "admin" && role !== "admin") {
      expectProblem(operation, answer, 403);
      return expect(answer.json).toMatchObject({ error: "Insufficient permissions" });
    }
    if (OF_A_LIVE_SESSION.has(operation.id)) return expectProblem(operation, answer, 401);
    expectDocumented(operation, answer);
    // The role suffices; what is missing is the second factor.
    if (answer.status === 403) return expect(answer.json).toMatchObject({ code: "second_factor_required" });
    expect(answer.status, answer.text).not.toBe(401);
    if (operation.body !== undefined) expectProblem(operation, answer, 400);
    else if (soundOf(operation).owned) expectProblem(operation, answer, 404);
  });

  it.each(named(OPERATIONS.filter(({ access }) => access !== "admin")))(
    "%s gives one's own, and not another's",
    async (_, operation) => {
      if (!soundOf(operation).owned || operation.method !== "GET") return;
      expect((await ask(operation, await tokenOf(role, "ada"))).status).toBe(200);
      expectProblem(operation, await ask(operation, await tokenOf(role, "bob")), 404);
    },
  );

  it.each(named(OPERATIONS.filter(({ access, body }) => access !== "admin" && body !== undefined)))(
    "%s changes nothing of another's, by a sound body neither",
    async (_, operation) => {
      const { owned, params, query, body } = soundOf(operation);
      if (!owned) return;
      const answer = await call(operation, {
        token: await tokenOf(role, "bob"),
        ...(params && { params }),
        ...(query && { query }),
        body: JSON.stringify(body),
      });
      expectProblem(operation, answer, 404);
    },
  );
});

describe("to an API key", () => {
  let whole: string;
  let foreign: string;
  /** By a scope, a key with all the others. */
  let lacking: Record<string, string>;
  beforeAll(async () => {
    const { ada, bob } = world;
    whole = (await newApiKey(ada, SCOPE_NAMES)).key;
    foreign = (await newApiKey(bob, SCOPE_NAMES)).key;
    lacking = {};
    for (const scope of SCOPE_NAMES)
      lacking[scope] = (
        await newApiKey(
          ada,
          SCOPE_NAMES.filter((name) => name !== scope),
        )
      ).key;
  });

  it.each(named(OPERATIONS))("%s opens to its scope alone", async (_, operation) => {
    const { scope } = operation;
    const answer = await ask(operation, whole);
    if (scope === undefined) return expectProblem(operation, answer, 403);
    expect(operation.access).not.toBe("admin");
    expectDocumented(operation, answer);
    expect([401, 403]).not.toContain(answer.status);
    expectProblem(operation, await ask(operation, lacking[scope]), 403);
    if (soundOf(operation).owned && operation.body === undefined)
      expectProblem(operation, await ask(operation, foreign), 404);
  });
});

describe("to a stranger", () => {
  it.each(named(OPERATIONS))("%s is open as its access says", async (_, operation) => {
    const answer = await ask(operation);
    if (operation.access === "public") return expect([401, 403]).not.toContain(answer.status);
    expectProblem(operation, answer, 401);
    return expect(answer.json).toMatchObject({ error: "Unauthorized" });
  });
});
