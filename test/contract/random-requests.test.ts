import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { expectDocumented } from "./answers.ts";
import { call } from "./call.ts";
import { OPERATIONS, type Operation } from "./document.ts";
import { callerOf, newWorld, soundRequests, type World } from "./sound-requests.ts";

const RUNS = 25;

let world: World;
beforeAll(async () => {
  world = await newWorld();
});

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("\u0000", "\ud800", "{{{x}}}", "{{", "'\"`;--", "\r\n", "1e999", "-0", "0x1f", "NaN", "٣"),
  fc.date({ noInvalidDate: true }).map((time) => time.toISOString()),
);
const value = fc.oneof(text, fc.jsonValue({ stringUnit: "binary" }), fc.double(), fc.maxSafeInteger());

const named = (operations: Operation[]) => operations.map((operation) => [operation.id, operation] as const);
const paramsOf = ({ id }: Operation) => soundRequests(world)[id]?.params ?? {};

/** Whatever is sent: an answer that the document declares, and never a failure of ours. */
async function hold(operation: Operation, sent: { body?: string; query?: Record<string, string> }) {
  const answer = await call(operation, {
    ...callerOf(world, operation.access),
    params: paramsOf(operation),
    ...sent,
  });
  expect(answer.status, answer.text).toBeLessThan(500);
  expectDocumented(operation, answer);
}

describe("whatever is sent", () => {
  const bodies = OPERATIONS.filter(({ body }) => body !== undefined);
  it.each(named(bodies))("%s never fails on a random body", async (id, operation) => {
    const names = Object.keys(z.record(z.string(), z.unknown()).parse(operation.body?.["properties"]));
    const sound = soundRequests(world)[id]?.body ?? {};
    const body = fc.oneof(
      fc.json({ stringUnit: "binary" }),
      fc
        .dictionary(fc.constantFrom(...names), value)
        .map((fields) => JSON.stringify({ ...sound, ...fields })),
      fc.dictionary(fc.constantFrom(...names), text).map((fields) => JSON.stringify({ ...sound, ...fields })),
      fc.string({ unit: "binary" }),
    );
    await fc.assert(
      fc.asyncProperty(body, (sent) => hold(operation, { body: sent })),
      { numRuns: RUNS },
    );
  });

  const queries = OPERATIONS.filter(({ query }) => query.length > 0);
  it.each(named(queries))("%s never fails on a random query", async (id, operation) => {
    const sound = soundRequests(world)[id]?.query ?? {};
    const cursor = value.map((position) => Buffer.from(JSON.stringify(position) ?? "").toString("base64url"));
    const time = fc
      .tuple(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: -23, max: 23 }))
      .map(
        ([year, offset]) =>
          `${String(year).padStart(4, "0")}-01-01T00:00:00${offset < 0 ? "-" : "+"}${String(Math.abs(offset)).padStart(2, "0")}:00`,
      );
    const names = operation.query.map(({ name }) => name);
    const query = fc.dictionary(fc.constantFrom(...names), fc.oneof(text, cursor, time));
    await fc.assert(
      fc.asyncProperty(query, (sent) => hold(operation, { query: { ...sound, ...sent } })),
      { numRuns: RUNS },
    );
  });
});
