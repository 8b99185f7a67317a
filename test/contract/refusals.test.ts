import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newPerson } from "../person.ts";
import { testPlatform } from "../platform.ts";
import { expectProblem } from "./answers.ts";
import { call, done, type Call } from "./call.ts";
import { OPERATIONS, type Operation } from "./document.ts";
import { refusedRequests, type Met } from "./refused-requests.ts";
import { ALERT, callerOf, newApiKey, newWorld, soundRequests, type World } from "./sound-requests.ts";
import { settledOf, storedOf } from "./stored.ts";

const NIL = "00000000-0000-7000-8000-000000000000";
const CHANGING = OPERATIONS.filter(({ method }) => method !== "GET");

let world: World;
let met: Met;
let client: pg.Client;
let people: string[];
let first: string[];

beforeAll(async () => {
  world = await newWorld();
  const { ada, bob, admin, eve } = world;
  const [dan, fay] = [await newPerson(), await newPerson()];
  met = {
    dan,
    fay,
    username: `bob_${crypto.randomUUID().slice(0, 8)}`,
    clientId: "taken",
    idempotencyKey: crypto.randomUUID(),
    revokedKeyId: (await newApiKey(ada, ["alerts:read"])).id,
  };
  await done(dan, "GET", "/api/v1/users/me");
  await done(ada, "POST", `/api/v1/users/me/mutes/${dan.id}`);
  await done(dan, "POST", `/api/v1/users/me/blocks/${ada.id}`);
  await done(admin, "PUT", `/api/v1/auth/users/${fay.id}/ban`, { reason: "Spam" });
  for (const username of [`${met.username}_1`, met.username])
    await done(bob, "PUT", "/api/v1/users/me/username", { username });
  await done(ada, "POST", "/api/v1/alerts", { ...ALERT, clientId: met.clientId });
  await done(
    ada,
    "POST",
    "/api/v1/alerts",
    { ...ALERT, note: "once" },
    { "idempotency-key": met.idempotencyKey },
  );
  await done(ada, "DELETE", `/api/v1/auth/api-keys/${met.revokedKeyId}`);
  const { password } = ada;
  await done(ada, "POST", "/api/v1/auth/change-email", { email: `new-${ada.email}`, password });
  await done(ada, "POST", "/api/v1/auth/export", { password });
  people = [ada, bob, admin, eve, dan, fay].flatMap(({ id, email }) => [id, email]);
  client = new pg.Client({ connectionString: (await testPlatform()).databaseUrl });
  await client.connect();
  first = await settledOf(client, world, people);
}, 180_000);
afterAll(() => client.end());

/** Calls of an operation that are to be refused, each with the status of its refusal. */
function refusalsOf(operation: Operation): [what: string, options: Call, status: number][] {
  const { params, query, body, owned, status } = soundRequests(world)[operation.id] ?? { status: 0 };
  const caller = callerOf(world, operation.access);
  const sound: Call = {
    ...caller,
    ...(params && { params }),
    ...(query && { query }),
    ...(body && { body: JSON.stringify(body) }),
  };
  const named = operation.params.some(({ name, schema }) => name === "id" && schema["format"] === "uuid");
  const calls: [string, Call, number][] = [["a token that is none", { ...sound, token: "not.a.token" }, 401]];
  if (operation.access !== "public") calls.push(["no token", { ...sound, token: undefined }, 401]);
  if (operation.access === "admin") calls.push(["a user", { ...sound, token: world.ada.accessToken }, 403]);
  if (named) calls.push(["nobody's object", { ...sound, params: { ...params, id: NIL } }, 404]);
  if (owned) calls.push(["another's object", { ...sound, token: world.bob.accessToken }, 404]);
  if (operation.body !== undefined) {
    calls.push(["an unknown field", { ...sound, body: JSON.stringify({ ...body, unexpected: 1 }) }, 400]);
    calls.push(["cut JSON", { ...sound, body: JSON.stringify(body).slice(0, -1) }, 400]);
    calls.push(["another content type", { ...sound, headers: { "content-type": "text/plain" } }, 415]);
  }
  if (status >= 400) calls.push(["what it meets", sound, status]);
  for (const { by, body: sent, status: refused, ...rest } of refusedRequests(world, met)[operation.id] ?? [])
    calls.push([
      "what it meets",
      {
        ...rest,
        token: operation.access === "public" ? undefined : by.accessToken,
        ...(sent && { body: JSON.stringify(sent) }),
      },
      refused,
    ]);
  // Twice: what was refused once finds the same state again.
  return calls.flatMap((one) => [one, one]);
}

describe("what is refused changes nothing", () => {
  it.each(CHANGING.map((operation) => [operation.id, operation] as const))("%s", async (_, operation) => {
    const before = await storedOf(client, world, people);
    for (const [what, options, status] of refusalsOf(operation)) {
      const answer = await call(operation, options);
      expect([what, answer.status], answer.text).toEqual([what, status]);
      expectProblem(operation, answer, status);
    }
    expect(await storedOf(client, world, people)).toEqual(before);
  });

  it("after all of them everything is as it was, and no event is on its way", async () => {
    expect(await settledOf(client, world, people)).toEqual(first);
  });
});
