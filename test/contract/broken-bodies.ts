import { z } from "zod";
import { resolve, type JsonSchema } from "./document.ts";

const Properties = z.record(z.string(), z.record(z.string(), z.unknown()));
type Body = Record<string, unknown>;

/** A JSON text whose number JavaScript reads as infinite. */
const INFINITE = "1e999";

const typesOf = (schema: JsonSchema): unknown[] => [schema["type"]].flat();

/** Values that break a field's schema, each with what is wrong with it. */
function* brokenValues(field: JsonSchema): Generator<[string, unknown]> {
  const types = typesOf(field);
  if (!types.includes("null")) yield ["null", null];
  yield ["an object", { $ne: null }];
  if (!types.includes("array")) yield ["a list", ["x"]];
  if (!types.includes("boolean")) yield ["a boolean", true];
  if (types.includes("string")) {
    yield ["a number", 12];
    yield ["U+0000", "a\u0000b"];
    yield ["half a surrogate pair", "abc\ud800"];
    yield ["an oversize text", "x".repeat(Number(field["maxLength"] ?? 100_000) + 1)];
    if (field["minLength"] !== undefined) yield ["an empty text", ""];
  } else {
    yield ["a text", "many"];
  }
  if (types.includes("number") || types.includes("integer")) {
    yield ["an infinite number", Number.POSITIVE_INFINITY];
    yield ["a negative number", -1];
    yield ["a huge number", 1e300];
    if (types.includes("integer")) yield ["a fraction", 1.5];
  }
  if (field["enum"] !== undefined) yield ["an unknown choice", types.includes("string") ? "nonsense" : 7];
  if (types.includes("array")) {
    if (field["minItems"] !== undefined) yield ["an empty list", []];
    yield ["a list of nonsense", ["nonsense"]];
    yield ["a list of lists", [[[]]]];
  }
}

const toText = (body: unknown): string =>
  JSON.stringify(body, (_, value: unknown) =>
    value === Number.POSITIVE_INFINITY ? "@infinite" : value,
  ).replaceAll('"@infinite"', INFINITE);

const deep = (levels: number): string => `${'{"a":['.repeat(levels)}1${"]}".repeat(levels)}`;

/**
 * Bodies that an operation must refuse, derived from its schema and one body that it takes.
 * @returns what is wrong with each, and its text
 */
export function brokenBodies(schema: JsonSchema, good: Body): [string, string][] {
  const properties = Properties.parse(schema["properties"]);
  const required = z.array(z.string()).default([]).parse(schema["required"]);
  const [first = "x"] = Object.keys(properties);
  const broken: [string, unknown][] = [
    ["no object: a list", [good]],
    ["no object: null", null],
    ["no object: a text", "text"],
    ["no object: a number", 1],
    ["an unknown field", { ...good, unexpected: 1 }],
    ["somebody's id", { ...good, userId: "00000000-0000-7000-8000-000000000000" }],
    ...required.map((name): [string, unknown] => [
      `without ${name}`,
      Object.fromEntries(Object.entries(good).filter(([key]) => key !== name)),
    ]),
    ...Object.entries(properties).flatMap(([name, field]) =>
      [...brokenValues(resolve(field))].map(([what, value]): [string, unknown] => [
        `${name}: ${what}`,
        { ...good, [name]: value },
      ]),
    ),
  ];
  const text = toText(good);
  const withMember = (member: string) => `${text.slice(0, -1)}${text === "{}" ? "" : ","}${member}}`;
  return [
    ...broken.map(([what, body]): [string, string] => [what, toText(body)]),
    ["deep nesting of an unknown field", withMember(`"deep":${deep(20_000)}`)],
    ["deep nesting of a known field", withMember(`"${first}":${deep(20_000)}`)],
    ["nothing but nesting", "[".repeat(100_000) + "]".repeat(100_000)],
    ["__proto__", withMember('"__proto__":{"role":"admin"}')],
    ["a name with U+0000", withMember('"\\u0000":1')],
    ["nothing", ""],
    ["cut JSON", text.slice(0, -1)],
    ["JSON and more", `${text}}`],
    ["NaN", withMember(`"${first}":NaN`)],
    ["a comment", `/* x */${text}`],
    ["bytes that are no text", `${text.slice(0, -1)}\u0000}`],
  ];
}
