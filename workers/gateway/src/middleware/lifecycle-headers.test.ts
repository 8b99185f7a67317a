import { Hono } from "hono";
import { expect, it } from "vitest";
import { lifecycleHeaders } from "./lifecycle-headers.ts";

const answerOf = (lifecycle: Parameters<typeof lifecycleHeaders>[0]) =>
  new Hono().get("/", lifecycleHeaders(lifecycle), (c) => c.text("old")).request("/");

it("tells since when an operation is deprecated and when it ends", async () => {
  const { headers } = await answerOf({
    deprecatedAt: "2026-10-01T00:00:00Z",
    sunsetAt: "2027-04-01T12:30:00Z",
  });
  expect(headers.get("deprecation")).toBe("@1790812800");
  expect(headers.get("sunset")).toBe("Thu, 01 Apr 2027 12:30:00 GMT");
});

it("promises no end that nobody set", async () => {
  const { headers } = await answerOf({ deprecatedAt: "2026-10-01T00:00:00Z" });
  expect(headers.get("deprecation")).toBe("@1790812800");
  expect(headers.get("sunset")).toBeNull();
});
