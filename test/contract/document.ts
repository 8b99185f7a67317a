import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SCOPE_NAMES } from "@souk/kit/permissions";
import { ACCESS } from "@souk/kit/route";
import { z } from "zod";

const DOCUMENT = join(import.meta.dirname, "..", "..", "docs", "openapi.json");

export const JsonSchema = z.record(z.string(), z.unknown());
const Content = z.record(z.string(), z.object({ schema: JsonSchema }));
const Operation = z.object({
  "x-access": z.enum(ACCESS),
  "x-scope": z.enum(SCOPE_NAMES).optional(),
  operationId: z.string(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.enum(["path", "query", "header"]),
        required: z.boolean().default(false),
        schema: JsonSchema,
      }),
    )
    .default([]),
  requestBody: z
    .object({ content: z.object({ "application/json": z.object({ schema: JsonSchema }) }) })
    .optional(),
  responses: z.record(z.string(), z.object({ content: Content.optional() })),
});
const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), JsonSchema) }),
});

export type JsonSchema = z.infer<typeof JsonSchema>;
export type Operation = ReturnType<typeof operationsOf>[number];

const document = Document.parse(JSON.parse(readFileSync(DOCUMENT, "utf8")));

/** The named schemas of the API's document. */
export const COMPONENTS = document.components.schemas;

/** A schema itself, where the document gives only its name. */
export function resolve(schema: JsonSchema): JsonSchema {
  const reference = z.string().optional().parse(schema["$ref"]);
  if (reference === undefined) return schema;
  const found = COMPONENTS[reference.replace("#/components/schemas/", "")];
  if (found === undefined) throw new Error(`The document has no ${reference}`);
  return found;
}

const operationsOf = (paths: z.infer<typeof Document>["paths"]) =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => {
      const body = operation.requestBody?.content["application/json"].schema;
      return {
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        access: operation["x-access"],
        /** What an API key must have been given. */
        scope: operation["x-scope"],
        query: operation.parameters.filter((parameter) => parameter.in === "query"),
        params: operation.parameters.filter((parameter) => parameter.in === "path"),
        /** Of the JSON body, where the operation takes one. */
        body: body && resolve(body),
        responses: operation.responses,
      };
    }),
  );

/** Every operation of the API's document. */
export const OPERATIONS = operationsOf(document.paths);
