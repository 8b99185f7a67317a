import { beforeAll, describe, expect, it } from "vitest";
import { expectDocumented, expectProblem } from "./answers.ts";
import { brokenBodies } from "./broken-bodies.ts";
import { call, type Call } from "./call.ts";
import { OPERATIONS, type Operation } from "./document.ts";
import { callerOf, endingLast, newWorld, soundRequests, type World } from "./sound-requests.ts";

const named = (operations: Operation[]) => operations.map((operation) => [operation.id, operation] as const);
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/** Query parameters that take nearly any text. */
const FREE_TEXT = ["q"];
const NIL = "00000000-0000-7000-8000-000000000000";

let world: World;
beforeAll(async () => {
  world = await newWorld();
});

const soundOf = (operation: Operation) => {
  const sound = soundRequests(world)[operation.id];
  if (sound === undefined) throw new Error(`${operation.id} has no sound request yet`);
  return sound;
};
/** The operation's sound request, changed. */
const send = (operation: Operation, change: Call = {}) => {
  const { params, query, body } = soundOf(operation);
  return call(operation, {
    ...callerOf(world, operation.access),
    ...(params && { params }),
    ...(query && { query }),
    ...(body && { body: JSON.stringify(body) }),
    ...change,
  });
};

describe("every operation", () => {
  const guarded = OPERATIONS.filter(({ access }) => access !== "public");
  const forAdmins = OPERATIONS.filter(({ access }) => access === "admin");
  const withParams = OPERATIONS.filter(({ params }) => params.length > 0);
  const withQuery = OPERATIONS.filter(({ query }) => query.length > 0);
  const withBody = OPERATIONS.filter(({ body }) => body !== undefined);

  it("is known here by one sound request", () => {
    expect(OPERATIONS.map(({ id }) => id).toSorted()).toEqual(Object.keys(soundRequests(world)).toSorted());
  });

  it.each(named(guarded))("%s without a token is 401", async (_, operation) => {
    const answer = await send(operation, { token: undefined });
    expectProblem(operation, answer, 401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  it.each(named(OPERATIONS))("%s with a token that is none is 401", async (_, operation) => {
    const answer = await send(operation, { token: "not.a.token" });
    expectProblem(operation, answer, 401);
  });

  it.each(named(forAdmins))("%s for a user is 403", async (_, operation) => {
    expectProblem(operation, await send(operation, { token: world.ada.accessToken }), 403);
  });

  it.each(named(withParams))("%s of another's or of nobody's object is 404", async (_, operation) => {
    if (operation.params.some(({ schema }) => schema["format"] !== "uuid")) return;
    expectProblem(
      operation,
      await send(operation, { params: { ...soundOf(operation).params, id: NIL } }),
      404,
    );
    if (soundOf(operation).owned)
      expectProblem(operation, await send(operation, { token: world.bob.accessToken }), 404);
  });

  it.each(named(withParams))("%s with a name that is no name is refused", async (_, operation) => {
    const [{ name } = { name: "id" }] = operation.params;
    for (const bad of ["1", "null", NIL.slice(1), `${NIL}0`, "x".repeat(3000), "constructor", "__proto__"])
      expectProblem(
        operation,
        await send(operation, { params: { ...soundOf(operation).params, [name]: bad } }),
        400,
        // Which names there are is the operator's.
        ...(name === "provider" ? [404] : []),
      );
    for (const bad of ["..%2f..", "%00", "%ff", "1%20or%201=1", "';--"]) {
      const answer = await send(operation, { params: { ...soundOf(operation).params, [name]: bad } });
      expect(answer.status).toBe(404);
      expect(answer.json).toMatchObject({ code: "not_found", requestId: expect.any(String) });
    }
  });

  it.each(named(withQuery))("%s with a bad query is 400", async (_, operation) => {
    const { query = {} } = soundOf(operation);
    for (const { name, schema, required } of operation.query) {
      const values = ["", "\u0000", "x".repeat(600)];
      if (!FREE_TEXT.includes(name)) values.push("';DROP TABLE alerts.alerts;--", "-1", "1e999", "NaN", "[]");
      for (const value of values) {
        const answer = await send(operation, { query: { ...query, [name]: value } });
        expectProblem(operation, answer, 400);
      }
      if (schema["type"] === "integer")
        for (const value of ["0", "1.5", String(Number(schema["maximum"]) + 1), "99999999999999999999"])
          expectProblem(operation, await send(operation, { query: { ...query, [name]: value } }), 400);
      if (required) {
        const { [name]: _left, ...rest } = query;
        expectProblem(operation, await send(operation, { query: rest }), 400);
      }
    }
  });

  it.each(named(withQuery.filter(({ query }) => query.some(({ name }) => name === "cursor"))))(
    "%s with a bad cursor is 400",
    async (_, operation) => {
      const { query } = soundOf(operation);
      const positions = [
        null,
        1,
        "x",
        {},
        [],
        [1, 2],
        ["0000-01-01T00:00:00Z", NIL],
        "9999-12-31T23:59:59-20:00",
      ];
      const texts = [...positions.map((position) => JSON.stringify(position)), "{", "", '"\\u0000"'];
      const cursors = texts.map((text) => Buffer.from(text).toString("base64url"));
      for (const cursor of ["nonsense", "%%%", "é", ...cursors.filter((text) => text !== "")])
        expectProblem(operation, await send(operation, { query: { ...query, cursor } }), 400);
    },
  );

  it.each(named(withBody))("%s with a bad body is 400", async (_, operation) => {
    const { body: good = {} } = soundOf(operation);
    for (const [what, body] of brokenBodies(operation.body ?? {}, good)) {
      const answer = await send(operation, { body });
      expect([what, answer.status]).toEqual([what, 400]);
      expectProblem(operation, answer, 400);
    }
  });

  it.each(named(withBody))("%s with another content type is 415", async (_, operation) => {
    const body = JSON.stringify(soundOf(operation).body);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"]) {
      const answer = await send(operation, { body, headers: { "content-type": type } });
      expectProblem(operation, answer, 415);
    }
  });

  it.each(named(withBody))("%s with more than 1 MB is 413", async (_, operation) => {
    const body = JSON.stringify({ note: "x".repeat(1_048_577) });
    expectProblem(operation, await send(operation, { body }), 413);
  });

  it.each(named(OPERATIONS))("%s by another method is 405 with Allow", async (_, operation) => {
    const allowed = OPERATIONS.filter(({ path }) => path === operation.path).map(({ method }) => method);
    for (const method of METHODS.filter((name) => !allowed.includes(name))) {
      const { status, headers, json } = await send(operation, { method, body: undefined });
      expect([method, status]).toEqual([method, 405]);
      expect(headers.get("allow")?.split(", ")).toEqual(expect.arrayContaining(allowed));
      expect(json).toMatchObject({ code: "method_not_allowed", requestId: headers.get("x-request-id") });
    }
  });

  it.each(named(endingLast(OPERATIONS)))(
    "%s as it is meant answers what is documented, after all that",
    async (_, operation) => {
      const answer = await send(operation);
      expect(answer.status, answer.text).toBe(soundOf(operation).status);
      expectDocumented(operation, answer);
    },
  );
});
