import { describe, expect, it } from "vitest";
import { defineRoute } from "./route.ts";

const cache = { maxAge: 10, staleWhileRevalidate: 0, staleIfError: 0 };
const route = { path: "/things", operationId: "listThings", description: "Things.", responses: {}, cache };

describe("a route to be cached", () => {
  it("is a public GET, which can also say that nothing changed", () => {
    const declared = defineRoute({ ...route, method: "get", access: "public" });
    expect(declared).toMatchObject({ "x-cache": cache, responses: { 304: {} } });
  });

  it.each([
    { method: "get", access: "user" },
    { method: "get", access: "admin" },
    { method: "post", access: "public" },
  ] as const)("is not %j", (other) => {
    expect(() => defineRoute({ ...route, ...other })).toThrow(/listThings may not be cached/);
  });
});
