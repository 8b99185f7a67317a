import { accountAttempts } from "@souk/db/schema/auth-attempts";
import { recoveryCodes, totpFactors, trustedDevices } from "@souk/db/schema/auth-second-factor";
import { sessions, users } from "@souk/db/schema/auth";
import { eq, sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import {
  actorHeader,
  eventsOf,
  loggedIn,
  openedSession,
  owner,
  PASSWORD,
  post,
  problemOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { inTransaction, untilBlocked } from "../../test/races.ts";
import { ask, challengeOf, codeOf, protectedUser } from "../../test/second-factor.ts";
import { SteppedUp } from "../second-factor-schemas.ts";
import { signedInKey } from "../services/allow-account.ts";

const pass = (challenge: string, code: string) =>
  post("login/second-factor", { challenge, code, trustDevice: true });
const now = sql`now()`;
const BANNED = { bannedAt: now, banReason: "Spam" };

/** What a code could have left behind. */
const keptOf = async (userId: string) => ({
  codes: await owner.$count(recoveryCodes, eq(recoveryCodes.userId, userId)),
  devices: await owner.$count(trustedDevices, eq(trustedDevices.userId, userId)),
  sessions: await owner.$count(sessions, eq(sessions.userId, userId)),
  steps: await owner
    .select({ lastStep: totpFactors.lastStep })
    .from(totpFactors)
    .where(eq(totpFactors.userId, userId)),
  events: await eventsOf(userId),
});

/** A person's session of level 2, as a header. */
async function lifted({ id, headers }: { id: string; headers: Record<string, string> }) {
  const answer = await post("step-up", { code: await codeOf(id) }, headers);
  return actorHeader(SteppedUp.parse(await answer.json()).accessToken);
}

describe("a code that opens nothing", () => {
  it.each([
    ["banned", BANNED],
    ["given another password", { passwordVersion: 2 }],
    ["being erased", { status: "erasing" as const, deleteAfter: now }],
  ])("is not spent, the account being %s by now", async (_, change) => {
    const { id, email, recoveryCodes: codes } = await protectedUser();
    const challenges = [await challengeOf(email), await challengeOf(email)];
    await owner.update(users).set(change).where(eq(users.id, id));
    const before = await keptOf(id);
    for (const [index, code] of [codes[0] ?? "", await codeOf(id)].entries())
      expect(await problemOf(await pass(challenges[index] ?? "", code))).toEqual({
        status: 401,
        code: "invalid_challenge",
      });
    expect(await keptOf(id)).toEqual(before);
  });

  it.each([0, 1])("is not spent when the account is banned at that moment (%i)", async (kind) => {
    const { id, email, recoveryCodes: codes } = await protectedUser();
    const challenge = await challengeOf(email);
    const code = kind === 0 ? (codes[0] ?? "") : await codeOf(id);
    const before = await keptOf(id);
    const passing: Promise<Response>[] = [];
    await inTransaction(async (transaction) => {
      await transaction.update(users).set(BANNED).where(eq(users.id, id));
      passing.push(pass(challenge, code));
      await untilBlocked();
    });
    expect((await Promise.all(passing)).map(({ status }) => status)).toEqual([401]);
    expect(await keptOf(id)).toEqual(before);
  });

  it("is not spent on a session that ends at that moment", async () => {
    const user = await protectedUser();
    const { sessionId, headers } = await openedSession(user);
    const before = await keptOf(user.id);
    const stepping: Promise<Response>[] = [];
    await inTransaction(async (transaction) => {
      await transaction
        .update(sessions)
        .set({ revokedAt: now, revokedReason: "logout" })
        .where(eq(sessions.id, sessionId ?? ""));
      stepping.push(post("step-up", { code: user.recoveryCodes[0] }, headers));
      await untilBlocked();
    });
    expect((await Promise.all(stepping)).map(({ status }) => status)).toEqual([400]);
    expect(await keptOf(user.id)).toEqual(before);
  });

  it("is no failure where no second factor is on: other proofs are asked for as before", async () => {
    const { email } = await storedUser();
    const headers = actorHeader((await loggedIn(email)).accessToken);
    const answers = await twenty(() => post("step-up", { code: "123456" }, headers));
    expect([...new Set(answers.map(({ status }) => status))]).toEqual([409]);
    expect(await owner.$count(accountAttempts, eq(accountAttempts.account, signedInKey(sql`${email}`)))).toBe(
      0,
    );
    const body = { currentPassword: PASSWORD, newPassword: "Better-horse-2" };
    expect((await post("change-password", body, headers)).status).toBe(200);
  });
});

describe("turning the second factor off", () => {
  it("takes the codes and devices too that were being stored at that moment", async () => {
    const user = await protectedUser();
    const { id } = user;
    const headers = await lifted(user);
    const removing: Promise<Response>[] = [];
    await inTransaction(async (transaction) => {
      await transaction.execute(sql`SELECT FROM ${totpFactors} WHERE user_id = ${id}::uuid FOR UPDATE`);
      await transaction.insert(recoveryCodes).values({ userId: id, hash: "of a renewal", createdAt: now });
      await transaction.insert(trustedDevices).values({
        id: crypto.randomUUID(),
        userId: id,
        hash: crypto.randomUUID(),
        passwordVersion: 1,
        createdAt: now,
        lastUsedAt: now,
        expiresAt: sql`now() + interval '1 day'`,
      });
      removing.push(ask("DELETE", "second-factor", headers));
      await untilBlocked();
    });
    expect((await Promise.all(removing)).map(({ status }) => status)).toEqual([204]);
    expect(await keptOf(id)).toMatchObject({ codes: 0, devices: 0, steps: [] });
  });

  it("comes before a log-in by a recovery code at that moment, or behind it", async () => {
    const { id, email, recoveryCodes: codes } = await protectedUser();
    const challenge = await challengeOf(email);
    const before = await keptOf(id);
    const passing: Promise<Response>[] = [];
    await inTransaction(async (transaction) => {
      await transaction.delete(totpFactors).where(eq(totpFactors.userId, id));
      passing.push(pass(challenge, codes[0] ?? ""));
      await untilBlocked();
    });
    expect((await Promise.all(passing)).map(({ status }) => status)).toEqual([401]);
    expect(await keptOf(id)).toEqual({ ...before, steps: [] });
  });
});
