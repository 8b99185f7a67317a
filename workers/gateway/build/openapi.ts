import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { OpenAPIHono } from "@hono/zod-openapi";
import { SCOPE_NAMES } from "@souk/kit/permissions";
import { ACCESS, CachePolicy, Lifecycle } from "@souk/kit/route";
import { z } from "zod";
import { clientFrames } from "../../../packages/client/build/frames.ts";
import { clientSchema } from "../../../packages/client/build/schema.ts";
import { WORKER_NAMES } from "../src/workers.ts";
import { asyncApiDocument, CLIENT_FRAMES, DATA_SCHEMAS } from "./asyncapi.ts";
import { INFO, SECURITY_SCHEMES, TAGS } from "./document-head.ts";
import { postmanCollection } from "./postman.ts";
import type { RouteRow } from "../src/routing-table.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const METHODS = ["get", "put", "post", "delete", "patch"] as const;

/** `access`, `cache`, `cost`, `lifecycle` and `scope` are our own keys; OpenAPI has them as `x-...`, and JSON leaves out what is undefined. */
const Operation = z
  .looseObject({
    "x-access": z.enum(ACCESS),
    "x-scope": z.enum(SCOPE_NAMES).optional(),
    "x-cost": z.int().min(1).optional(),
    "x-lifecycle": Lifecycle.optional(),
    "x-cache": CachePolicy.optional(),
    operationId: z.string(),
    tags: z.tuple([z.string()]),
    responses: z.record(z.string(), z.unknown()),
  })
  .transform((operation) => ({
    ...operation,
    access: undefined,
    cache: undefined,
    cost: undefined,
    lifecycle: undefined,
    scope: undefined,
  }));
const Parameters = z.object({
  parameters: z.array(z.object({ name: z.string(), in: z.string() })).default([]),
});
const Document = z.object({
  paths: z.record(
    z.string(),
    z.strictObject(Object.fromEntries(METHODS.map((method) => [method, Operation.optional()]))),
  ),
  components: z.object({ schemas: z.record(z.string(), z.unknown()).default({}) }),
});

async function documentOf(worker: string): Promise<z.infer<typeof Document>> {
  const module: unknown = await import(`../../${worker}/src/app.ts`);
  const { app } = z.object({ app: z.instanceof(OpenAPIHono) }).parse(module);
  return Document.parse(app.getOpenAPI31Document({ openapi: "3.1.0", info: INFO }));
}

/** What the gateway must know to keep the answers of a path's GET: how long, and which query they depend on. */
function cacheOf({ get }: z.infer<typeof Document>["paths"][string]): RouteRow["cache"] {
  if (get?.["x-cache"] === undefined) return undefined;
  const query = Parameters.parse(get)
    .parameters.filter((parameter) => parameter.in === "query")
    .map(({ name }) => name);
  return { ...get["x-cache"], query: query.toSorted() };
}

const Stream = z.object({ 200: z.object({ content: z.object({ "text/event-stream": z.unknown() }) }) });
const isConnection = (responses: Record<string, unknown>): boolean =>
  "101" in responses || Stream.safeParse(responses).success;

const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/**
 * The API's document and routing table, put together from what each Worker's routes declare.
 * @throws Error when two Workers declare one path, or one component name with two meanings, or a tag is not described
 */
async function build(): Promise<{ document: object; rows: RouteRow[] }> {
  const paths: Record<string, object> = {};
  const schemas: Record<string, unknown> = {};
  const rows: RouteRow[] = [];
  const used = new Set<string>();
  for (const worker of ["gateway", ...WORKER_NAMES] as const) {
    const document = await documentOf(worker);
    for (const [path, item] of Object.entries(document.paths)) {
      if (rows.some((row) => row.path === path))
        throw new Error(`${path} is declared by ${worker} and by another Worker`);
      const operations = Object.entries(item).flatMap(([method, operation]) =>
        operation ? [{ method, operation }] : [],
      );
      for (const { operation } of operations) {
        const { operationId, tags } = operation;
        if (!TAGS.some((tag) => tag.name === tags[0]))
          throw new Error(`${operationId}: the tag "${tags[0]}" is not described`);
        used.add(tags[0]);
      }
      const methods = operations.map(
        ({ method, operation }) => [method.toUpperCase(), operation["x-access"]] as const,
      );
      const declared = <K extends "x-cost" | "x-lifecycle" | "x-scope">(key: K) =>
        Object.fromEntries(
          operations.flatMap(({ method, operation }) =>
            operation[key] === undefined ? [] : [[method.toUpperCase(), operation[key]] as const],
          ),
        );
      const cache = cacheOf(item);
      const scopes = declared("x-scope");
      const costs = declared("x-cost");
      const lifecycles = declared("x-lifecycle");
      rows.push({
        path,
        worker,
        methods: Object.fromEntries(methods),
        ...(Object.keys(scopes).length > 0 && { scopes }),
        ...(Object.keys(costs).length > 0 && { costs }),
        ...(Object.keys(lifecycles).length > 0 && { lifecycles }),
        ...(cache && { cache }),
      });
      // WebSockets and event streams are routed, but they are no operations that OpenAPI could describe.
      if (!operations.some(({ operation }) => isConnection(operation.responses))) paths[path] = item;
    }
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      if (schemas[name] !== undefined && !isDeepStrictEqual(schemas[name], schema)) {
        throw new Error(`The component "${name}" of ${worker} differs from another Worker's`);
      }
      schemas[name] = schema;
    }
  }
  const document = {
    openapi: "3.1.0",
    info: INFO,
    servers: [{ url: "/", description: "Where this document was read" }],
    tags: TAGS.filter((tag) => used.has(tag.name)),
    paths: sorted(paths),
    components: { securitySchemes: SECURITY_SCHEMES, schemas: sorted(schemas) },
  };
  // "{" sorts after every letter, so a literal segment comes before a parameter and is matched first.
  return { document, rows: rows.toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
}

const { document, rows } = await build();
const text = `${JSON.stringify(document, null, 2)}\n`;
const files = {
  [join(ROOT, "docs", "openapi.json")]: text,
  [join(ROOT, "workers", "gateway", "src", "routes.json")]: `${JSON.stringify(rows, null, 2)}\n`,
  [join(ROOT, "docs", "postman", "souk.json")]: `${JSON.stringify(postmanCollection(text), null, 2)}\n`,
  [join(ROOT, "packages", "client", "src", "schema.ts")]: await clientSchema(text),
  [join(ROOT, "docs", "asyncapi.json")]: `${JSON.stringify(asyncApiDocument(INFO.version), null, 2)}\n`,
  [join(ROOT, "packages", "client", "src", "realtime", "frames.ts")]: await clientFrames({
    ...DATA_SCHEMAS,
    ...CLIENT_FRAMES,
  }),
};
for (const [file, text] of Object.entries(files)) {
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    console.error(`${file} is not what the routes declare: run "npm run openapi"`);
    process.exitCode = 1;
  }
}
