import { z } from "zod";
import { INFO } from "./document-head.ts";

interface Schema {
  $ref?: string | undefined;
  example?: unknown;
  default?: unknown;
  enum?: unknown[] | undefined;
  anyOf?: Schema[] | undefined;
  type?: string | string[] | undefined;
  format?: string | undefined;
  minimum?: number | undefined;
  items?: Schema | undefined;
  properties?: Record<string, Schema> | undefined;
  required?: string[] | undefined;
}
const Schema: z.ZodType<Schema> = z.lazy(() =>
  z.looseObject({
    $ref: z.string().optional(),
    enum: z.array(z.unknown()).optional(),
    anyOf: z.array(Schema).optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    format: z.string().optional(),
    minimum: z.number().optional(),
    items: Schema.optional(),
    properties: z.record(z.string(), Schema).optional(),
    required: z.array(z.string()).optional(),
  }),
);

const Parameter = z.object({
  name: z.string(),
  in: z.enum(["path", "query", "header"]),
  required: z.boolean().default(false),
  schema: Schema,
});
const Operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  description: z.string(),
  tags: z.tuple([z.string()]),
  security: z.array(z.unknown()),
  parameters: z.array(Parameter).default([]),
  requestBody: z
    .object({ content: z.object({ "application/json": z.object({ schema: Schema }) }) })
    .optional(),
});
const Document = z.object({
  tags: z.array(z.object({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), Schema) }),
});
type Schemas = z.infer<typeof Document>["components"]["schemas"];

const BY_FORMAT: Record<string, string> = {
  uuid: "00000000-0000-7000-8000-000000000000",
  "date-time": "2026-01-01T00:00:00Z",
  uri: "https://example.com",
};

/** A value of a schema: its example or default, else the first that fits; of an object the required fields, or all where none is. */
function sample(schema: Schema, schemas: Schemas): unknown {
  const { $ref, example, enum: values, anyOf, format, items, properties, required = [] } = schema;
  if (example !== undefined) return example;
  if (schema.default !== undefined) return schema.default;
  if (values?.[0] !== undefined) return values[0];
  const inner = $ref === undefined ? anyOf?.[0] : schemas[$ref.slice("#/components/schemas/".length)];
  if (inner !== undefined) return sample(inner, schemas);
  const [type] = [schema.type].flat();
  if (type === "object") {
    const shown = Object.entries(properties ?? {}).filter(
      ([name]) => required.length === 0 || required.includes(name),
    );
    return Object.fromEntries(shown.map(([name, property]) => [name, sample(property, schemas)]));
  }
  if (type === "array") return items === undefined ? [] : [sample(items, schemas)];
  if (type === "integer" || type === "number") return schema.minimum ?? 1;
  if (type === "boolean") return true;
  return BY_FORMAT[format ?? ""] ?? "string";
}

const asText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** After a log-in or a refresh all other requests of the collection use its tokens. */
const KEEP_TOKENS = {
  listen: "test",
  script: {
    type: "text/javascript",
    exec: [
      "const { accessToken, refreshToken } = pm.response.json();",
      'pm.collectionVariables.set("accessToken", accessToken);',
      'pm.collectionVariables.set("refreshToken", refreshToken);',
    ],
  },
};
const GIVES_TOKENS = ["login", "refresh"];

function requestOf(
  method: string,
  path: string,
  operation: z.infer<typeof Operation>,
  schemas: Schemas,
): object {
  const { operationId, summary, description, security, parameters, requestBody } = operation;
  const of = (place: string) =>
    parameters
      .filter((parameter) => parameter.in === place)
      .map(({ name, required, schema }) => ({
        key: name,
        value: asText(sample(schema, schemas)),
        // What need not be sent is there to be switched on.
        ...(place !== "path" && !required && { disabled: true }),
      }));
  const postmanPath = path.replaceAll(/\{(\w+)\}/g, ":$1");
  const query = of("query");
  const schema = requestBody?.content["application/json"].schema;
  const body =
    operationId === "refresh" ? { refreshToken: "{{refreshToken}}" } : schema && sample(schema, schemas);
  return {
    name: summary,
    ...(GIVES_TOKENS.includes(operationId) && { event: [KEEP_TOKENS] }),
    request: {
      method: method.toUpperCase(),
      description,
      ...(security.length === 0 && { auth: { type: "noauth" } }),
      header: [...(body ? [{ key: "Content-Type", value: "application/json" }] : []), ...of("header")],
      url: {
        raw: `{{baseUrl}}${postmanPath}`,
        host: ["{{baseUrl}}"],
        path: postmanPath.split("/").slice(1),
        query,
        variable: of("path"),
      },
      ...(body !== undefined && {
        body: {
          mode: "raw",
          raw: JSON.stringify(body, null, 2),
          options: { raw: { language: "json" } },
        },
      }),
    },
    response: [],
  };
}

/**
 * The Postman collection of the API's document: a folder for each tag, bodies from the examples, no ids, so that it changes only with the document.
 * @param document the API's document as JSON
 */
export function postmanCollection(document: string): object {
  const { tags, paths, components } = Document.parse(JSON.parse(document));
  const requests = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      tag: operation.tags[0],
      request: requestOf(method, path, operation, components.schemas),
    })),
  );
  return {
    info: {
      name: INFO.title,
      description: INFO.description,
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    auth: { type: "bearer", bearer: [{ key: "token", value: "{{accessToken}}", type: "string" }] },
    variable: [
      { key: "baseUrl", value: "http://127.0.0.1:8787" },
      { key: "accessToken", value: "" },
      { key: "refreshToken", value: "" },
    ],
    item: tags.map(({ name, description }) => ({
      name,
      description,
      item: requests.filter(({ tag }) => tag === name).map(({ request }) => request),
    })),
  };
}
