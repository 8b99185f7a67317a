import Ajv, { type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect } from "vitest";
import type { Answer } from "./call.ts";
import { COMPONENTS, JsonSchema, type Operation } from "./document.ts";

/** The schema, with no fields but those it names: an answer must not tell more than is declared. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== "object") return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return "properties" in inner && !("additionalProperties" in inner)
    ? { ...inner, additionalProperties: false }
    : inner;
}

const ajv = new Ajv({ allErrors: true, strict: false, formats: { password: true } });
addFormats(ajv);
const components = { schemas: closed(COMPONENTS) };
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a value by a schema of the document, in words; empty when all is well. */
function mistakes(schema: JsonSchema, value: unknown): string {
  const key = JSON.stringify(schema);
  const validate = compiled.get(key) ?? ajv.compile({ ...JsonSchema.parse(closed(schema)), components });
  compiled.set(key, validate);
  return validate(value) ? "" : ajv.errorsText(validate.errors);
}

/** Text that only the inside of a program has: a stack, a query, a path of the source. */
const INSIDE =
  /\bat \S+ \(|\.ts:\d+|node_modules|\bSELECT\b.*\bFROM\b|\bstack\b|pg_|Failed query|ZodError|ECONN/;

/** Holds an answer to the document: its status is declared there, its body is what is declared for that status. */
export function expectDocumented(operation: Operation, answer: Answer): void {
  const told = `${operation.id} answered ${answer.status} ${answer.text.slice(0, 500)}`;
  const declared = operation.responses[String(answer.status)];
  expect(declared, `undocumented: ${told}`).toBeDefined();
  expect(answer.headers.get("x-request-id"), told).toBeTruthy();
  // Nothing in it is ever taken for a page.
  expect(answer.headers.get("x-content-type-options"), told).toBe("nosniff");
  const [[type, content] = []] = Object.entries(declared?.content ?? {});
  if (type === undefined || content === undefined) return expect(answer.text, told).toBe("");
  expect(answer.headers.get("content-type"), told).toContain(type);
  expect(mistakes(content.schema, type.includes("json") ? answer.json : answer.text), told).toBe("");
}

/** Holds a refusal to the document: a problem of one of these statuses that names the request and tells nothing of the inside. */
export function expectProblem(operation: Operation, answer: Answer, ...statuses: number[]): void {
  const told = `${operation.id} answered ${answer.status} ${answer.text.slice(0, 500)}`;
  expect(statuses, told).toContain(answer.status);
  expectDocumented(operation, answer);
  expect(answer.headers.get("content-type"), told).toBe("application/problem+json");
  expect(answer.json, told).toMatchObject({
    status: answer.status,
    requestId: answer.headers.get("x-request-id"),
  });
  expect(answer.text, told).not.toMatch(INSIDE);
}
