import { sessions } from "@souk/db/schema/auth";
import { appErrorOf } from "@souk/kit/errors";
import { eq } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contextAt, owner, storedUser } from "../../test/actions.ts";
import { later } from "../limits.ts";
import { openSession } from "./open-session.ts";
import { signRefreshToken } from "./refresh-token.ts";
import { refreshSession } from "./refresh-session.ts";

const DAY = 24 * 3600;

/** The rule of expectations 2.1 in plain words, second by second. */
class Model {
  counter = 0;
  now = 0;
  refreshed = 0;
  ended = false;

  present(token: number): number | "invalid_refresh_token" | "refresh_token_already_used" {
    const over = this.ended || this.now >= 30 * DAY || this.now - this.refreshed >= 7 * DAY;
    if (over || token > this.counter) return "invalid_refresh_token";
    if (token === this.counter) {
      this.counter += 1;
      this.refreshed = this.now;
      return this.counter;
    }
    if (token === this.counter - 1 || this.now - this.refreshed <= 10) return this.counter;
    this.ended = true;
    return "refresh_token_already_used";
  }
}

const step = fc.record({
  /** How far behind the current token the presented one is; negative: never issued. */
  behind: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: -1, max: 3 })),
  wait: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 12 }) },
    fc.constantFrom(9, 10, 11, 3600, 7 * DAY - 1, 7 * DAY, 6 * DAY),
  ),
});

describe("refresh rotation", () => {
  it("does what the plain model does, for any sequence of tokens and times", async () => {
    const { id: userId } = await storedUser();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
        const start = new Date();
        const model = new Model();
        const context = contextAt(() => later(start, model.now), { LOG_LEVEL: "fatal" });
        const keys = context.env.REFRESH_KEYS;
        const sessionId = await openSession(context, {
          userId,
          role: "user",
          passwordVersion: 1,
          newHash: null,
          device: { userAgent: null, ip: null },
        });
        if (sessionId === null) throw new Error("no session");
        for (const { behind, wait } of steps) {
          model.now += wait;
          const counter = Math.max(0, model.counter - behind);
          const expected = model.present(counter);
          const actual = await refreshSession(context, {
            refreshToken: signRefreshToken({ sessionId, counter }, keys),
          }).then(
            ({ refreshToken }) => refreshToken,
            (error: unknown) => appErrorOf(error)?.code ?? error,
          );
          expect(actual).toBe(
            typeof expected === "number"
              ? signRefreshToken({ sessionId, counter: expected }, keys)
              : expected,
          );
        }
        const [row] = await owner.select().from(sessions).where(eq(sessions.id, sessionId));
        expect(row).toMatchObject({
          counter: model.counter,
          revokedReason: model.ended ? "refresh_token_reuse" : null,
        });
      }),
      { numRuns: 60 },
    );
  });

  it("ends the session when an old token comes back, that one alone, for every token of it, by a revoke that outlives the refusal", async () => {
    const { id: userId } = await storedUser();
    let now = new Date();
    const context = contextAt(() => now, { LOG_LEVEL: "fatal" });
    const sessionId = await openSession(context, {
      userId,
      role: "user",
      passwordVersion: 1,
      newHash: null,
      device: { userAgent: null, ip: null },
    });
    const token = (counter: number) =>
      signRefreshToken({ sessionId: sessionId ?? "", counter }, context.env.REFRESH_KEYS);
    const present = (counter: number) => refreshSession(context, { refreshToken: token(counter) });
    const other = await openSession(context, {
      userId,
      role: "user",
      passwordVersion: 1,
      newHash: null,
      device: { userAgent: null, ip: null },
    });
    await present(0);
    await present(1);
    now = later(now, 11);
    await expect(present(0)).rejects.toMatchObject({ code: "refresh_token_already_used" });
    for (const counter of [0, 1, 2])
      await expect(present(counter)).rejects.toMatchObject({ code: "invalid_refresh_token" });
    const others = signRefreshToken({ sessionId: other ?? "", counter: 0 }, context.env.REFRESH_KEYS);
    expect(await refreshSession(context, { refreshToken: others })).toHaveProperty("accessToken");
    const [row] = await owner
      .select()
      .from(sessions)
      .where(eq(sessions.id, sessionId ?? ""));
    expect(row).toMatchObject({ revokedAt: now, revokedReason: "refresh_token_reuse", counter: 2 });
  });
});
