import { sessions, tokens, users } from "@souk/db/schema/auth";
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { contextAt, linkToken, owner, storedUser } from "../../test/actions.ts";
import { inTransaction, untilBlocked } from "../../test/races.ts";
import { openSession } from "./open-session.ts";
import { resetPassword } from "./reset-password.ts";

const device = { userAgent: null, ip: null };

describe("a log-in and a change of password at the same time", () => {
  it.each([null, "$scrypt$new"])(
    "opens no session when the change comes first (new hash: %s)",
    async (newHash) => {
      const { id: userId } = await storedUser();
      const opening: Promise<string | null>[] = [];
      await inTransaction(async (transaction) => {
        await transaction
          .update(users)
          .set({ passwordVersion: 2, passwordHash: "$scrypt$changed" })
          .where(eq(users.id, userId));
        opening.push(openSession(contextAt(), { userId, role: "user", passwordVersion: 1, newHash, device }));
        await untilBlocked();
      });
      expect(await Promise.all(opening)).toEqual([null]);
      expect(await owner.select().from(users).where(eq(users.id, userId))).toMatchObject([
        { passwordHash: "$scrypt$changed" },
      ]);
    },
  );

  it("ends the session when the log-in comes first", async () => {
    const { id: userId } = await storedUser();
    const token = await linkToken(userId, "reset_password");
    const context = contextAt();
    const resetting: Promise<unknown>[] = [];
    await inTransaction(async (transaction) => {
      await transaction.execute(sql`SELECT id FROM ${users} WHERE id = ${userId} FOR SHARE`);
      const now = context.now();
      await transaction.insert(sessions).values({
        id: context.newId(),
        userId,
        refreshedAt: now,
        expiresAt: new Date(now.getTime() + 60_000),
      });
      resetting.push(resetPassword(context, { token, password: "Battery-staple-2" }));
      await untilBlocked();
    });
    expect(await Promise.all(resetting)).toEqual([{ changed: true }]);
    expect(await owner.select().from(sessions).where(eq(sessions.userId, userId))).toMatchObject([
      { revokedReason: "password_reset" },
    ]);
  });

  it("does not deadlock when a change and a reset meet; the mailed link is void", async () => {
    const { id: userId } = await storedUser();
    const token = await linkToken(userId, "reset_password");
    const resetting: Promise<PromiseSettledResult<unknown>[]>[] = [];
    await inTransaction(async (transaction) => {
      await transaction.update(users).set({ passwordVersion: 2 }).where(eq(users.id, userId));
      resetting.push(
        Promise.allSettled([resetPassword(contextAt(), { token, password: "Battery-staple-2" })]),
      );
      await untilBlocked();
      await transaction.update(tokens).set({ usedAt: new Date() }).where(eq(tokens.userId, userId));
    });
    expect(await Promise.all(resetting)).toMatchObject([
      [{ status: "rejected", reason: { code: "invalid_link" } }],
    ]);
  });
});
