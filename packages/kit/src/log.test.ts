import { DrizzleQueryError } from "drizzle-orm/errors";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createLogger, describeError } from "./log.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("createLogger", () => {
  it("writes one JSON line with level, time, message and the fields", () => {
    const info = vi.spyOn(console, "info").mockImplementation(() => {});
    const log = createLogger("info", () => new Date("2026-01-02T03:04:05Z"), {
      service: "auth",
      requestId: "r1",
      traceId: "t1",
    });
    log.info("request", { status: 200, password: "hunter2" });
    expect(info).toHaveBeenCalledTimes(1);
    expect(JSON.parse(String(info.mock.calls[0]?.[0]))).toEqual({
      level: "info",
      time: "2026-01-02T03:04:05.000Z",
      message: "request",
      service: "auth",
      requestId: "r1",
      traceId: "t1",
      status: 200,
      password: "[masked]",
    });
  });

  it("leaves out what is below its level", () => {
    const debug = vi.spyOn(console, "debug").mockImplementation(() => {});
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const log = createLogger("warn", () => new Date(), {});
    log.debug("no");
    log.warn("yes");
    expect(debug).not.toHaveBeenCalled();
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

describe("describeError", () => {
  it("tells a failed statement without its parameters", () => {
    const cause = Object.assign(new Error("duplicate key"), { code: "23505", constraint: "users_email_key" });
    const text = JSON.stringify(
      describeError(new DrizzleQueryError("INSERT INTO users VALUES ($1)", ["secret@example.com"], cause)),
    );
    expect(text).not.toContain("secret@example.com");
    expect(text).toContain("INSERT INTO users VALUES ($1)");
    expect(text).toContain("23505");
    expect(text).toContain("users_email_key");
  });

  it("takes anything thrown", () => {
    for (const thrown of [undefined, null, "text", 7, {}, new Error("x", { cause: new Error("y") })]) {
      expect(() => JSON.stringify(describeError(thrown))).not.toThrow();
    }
  });
});
