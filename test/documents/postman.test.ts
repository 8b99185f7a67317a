import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PostmanValidator } from "@har-sdk/validator";
import { expect, it } from "vitest";
import { z } from "zod";
import { postmanCollection } from "../../workers/gateway/build/postman.ts";

const DOCUMENT = readFileSync(join(import.meta.dirname, "../../docs/openapi.json"), "utf8");

const Collection = z.object({
  item: z.array(
    z.object({
      name: z.string(),
      item: z.array(
        z.looseObject({
          request: z.object({
            method: z.string(),
            auth: z.object({ type: z.string() }).optional(),
            header: z.array(z.object({ key: z.string(), disabled: z.boolean().optional() })),
            url: z.object({
              raw: z.string(),
              variable: z.array(z.object({ key: z.string(), value: z.string() })),
            }),
            body: z.object({ raw: z.string() }).optional(),
          }),
        }),
      ),
    }),
  ),
});
const collection = () => JSON.parse(JSON.stringify(postmanCollection(DOCUMENT)));
const requests = () =>
  Collection.parse(collection()).item.flatMap(({ item }) => item.map(({ request }) => request));

it("is a collection by Postman's own schema", async () => {
  const validator = new PostmanValidator();
  expect(await validator.verify(collection())).toEqual([]);
  // The validator does see what is wrong.
  expect(await validator.verify({ ...collection(), item: "none" })).not.toEqual([]);
});

it("has each operation of the document once, and nothing else", () => {
  const { paths } = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse(JSON.parse(DOCUMENT));
  const declared = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map(
      (method) => `${method.toUpperCase()} {{baseUrl}}${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
    ),
  );
  expect(
    requests()
      .map(({ method, url }) => `${method} ${url.raw}`)
      .toSorted(),
  ).toEqual(declared.toSorted());
});

it("is the same each time", () => {
  expect(postmanCollection(DOCUMENT)).toEqual(postmanCollection(DOCUMENT));
});

it("gives a value to every parameter of a path, and a JSON body of what must be sent", () => {
  const all = requests();
  for (const { url, body } of all) {
    for (const { value } of url.variable) expect(value).not.toBe("");
    if (body !== undefined) expect(Object.keys(JSON.parse(body.raw))).not.toEqual([]);
  }
  const create = all.find(({ method, url }) => method === "POST" && url.raw.endsWith("/api/v1/alerts"));
  expect(JSON.parse(create?.body?.raw ?? "")).toEqual({
    metal: "XAU",
    currency: "USD",
    type: "above",
    threshold: "1000.50",
  });
  expect(create?.header).toContainEqual(expect.objectContaining({ key: "Idempotency-Key", disabled: true }));
});

it("sends no token where none is needed, and keeps those of a log-in", () => {
  const login = requests().find(({ url }) => url.raw.endsWith("/auth/login"));
  expect(login?.auth).toEqual({ type: "noauth" });
  expect(JSON.stringify(collection())).toContain(
    `pm.collectionVariables.set(\\"accessToken\\", accessToken)`,
  );
});
