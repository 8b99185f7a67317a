import { describe, expect, it } from "vitest";
import { AppError, appErrorOf, ERROR_CODES, type ErrorCode } from "./errors.ts";
import { Problem, problemResponse } from "./problem.ts";

const codes = Object.keys(ERROR_CODES) as ErrorCode[];
const where = { path: "/api/v1/things", requestId: "r1" };

describe("problemResponse", () => {
  it.each(codes)("answers %s as its row of the table says", async (code) => {
    const response = problemResponse(new AppError(code, "What to do."), where);
    expect(response.status).toBe(ERROR_CODES[code].status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(Problem.strict().parse(await response.json())).toMatchObject({
      code,
      detail: "What to do.",
      instance: where.path,
      requestId: "r1",
    });
  });

  it("tells nothing of an unknown error", async () => {
    const response = problemResponse(new Error("password of the database is hunter2"), where);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("hunter2");
  });

  it("carries field errors and the wait", async () => {
    const details = [{ field: "email", message: "Invalid" }];
    const response = problemResponse(
      new AppError("too_many_requests", "Wait.", { details, retryAfter: 30 }),
      where,
    );
    expect(response.headers.get("retry-after")).toBe("30");
    expect(await response.json()).toMatchObject({ details, retryAfter: 30, error: "Too many requests" });
  });
});

describe("appErrorOf", () => {
  it("knows an error by its properties, as it arrives over RPC without its class", () => {
    const arrived = Object.assign(new Error("not_found: gone"), { code: "not_found", detail: "gone" });
    expect(appErrorOf(arrived)).toMatchObject({ code: "not_found", detail: "gone" });
  });

  it("knows no other error", () => {
    for (const other of [
      new Error("x"),
      Object.assign(new Error("x"), { code: "23505", detail: "Key (email)=(a@b.c)" }),
      "not_found",
      null,
    ]) {
      expect(appErrorOf(other)).toBeUndefined();
    }
  });
});
