import { env } from "cloudflare:workers";
import { withTransaction } from "@souk/db/client";
import { apiKeys } from "@souk/db/schema/auth-api-keys";
import { users } from "@souk/db/schema/auth";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { readApiKey } from "@souk/kit/api-key";
import { and, eq, isNotNull, sql } from "drizzle-orm";
import { describe, expect, inject, it, vi } from "vitest";
import { contextAt, eventsOf, owner, problemOf, twenty } from "../../test/actions.ts";
import { askKeys, createKey, judged, keyFrom, keyOwner, rollKey, rowOf } from "../../test/api-keys.ts";
import { protectedUser } from "../../test/second-factor.ts";
import { ApiKeys } from "../api-key-schemas.ts";
import { LIMITS } from "../limits.ts";
import { useApiKey } from "../services/use-api-key.ts";

const listed = async (headers: Record<string, string>) =>
  ApiKeys.parse(await (await askKeys("GET", headers)).json()).items;
const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS);

describe("a new API key", () => {
  it("is shown once; what is stored and listed proves nothing", async () => {
    const { id: userId, headers } = await keyOwner();
    const response = await createKey(headers, { expiresAt: inHours(1).toISOString() });
    expect(response.status).toBe(201);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { key, ...created } = await keyFrom(response);
    expect(created).toMatchObject({ name: "price bot", scopes: ["alerts:read"], lastUsedAt: null });
    expect(readApiKey(key)?.id).toBe(created.id);
    expect(await listed(headers)).toEqual([created]);
    const row = await rowOf(created.id);
    expect(row).toMatchObject({ userId, hash: readApiKey(key)?.hash });
    expect(JSON.stringify(row)).not.toContain(key.slice(-30));
    expect(await eventsOf(created.id)).toEqual(["api_key.created"]);
  });

  it("needs the password, and the second factor where there is one", async () => {
    const { headers } = await keyOwner();
    expect(await problemOf(await createKey(headers, { password: "Wrong-horse-1" }))).toEqual({
      status: 400,
      code: "validation_failed",
    });
    const ada = await protectedUser();
    const required = { status: 403, code: "second_factor_required" };
    // The session that turned it on is lifted with the next token.
    expect(await problemOf(await createKey(ada.headers))).toEqual(required);
    expect(await listed(ada.headers)).toEqual([]);
  });

  it.each([
    ["no scope", { scopes: [] }],
    ["an unknown scope", { scopes: ["admin"] }],
    ["a scope twice", { scopes: ["alerts:read", "alerts:read"] }],
    ["no name", { name: " " }],
    ["a name of two lines", { name: "a\nb" }],
    ["an end in the past", { expiresAt: "2020-01-01T00:00:00Z" }],
    ["more than is known", { hash: "x" }],
  ])("with %s is refused", async (_, change) => {
    const { headers } = await keyOwner();
    expect((await createKey(headers, change)).status).toBe(400);
    expect(await listed(headers)).toEqual([]);
  });

  it("is one of twenty at most, of however many are asked for at once; a revoked one frees its place", async () => {
    const { id: userId, headers } = await keyOwner();
    for (let made = 0; made < 15; made++) expect((await createKey(headers)).status).toBe(201);
    // More at once would be refused as attempts at the password.
    const answers = await Promise.all(
      Array.from({ length: LIMITS.failures.free }, async () => (await createKey(headers)).status),
    );
    expect(answers.toSorted((a, b) => a - b)).toEqual([
      ...Array<number>(5).fill(201),
      ...Array<number>(5).fill(409),
    ]);
    expect(await problemOf(await createKey(headers))).toEqual({ status: 409, code: "limit_reached" });
    const places = await owner
      .select({ slot: apiKeys.slot })
      .from(apiKeys)
      .where(and(eq(apiKeys.userId, userId), isNotNull(apiKeys.slot)));
    expect(places.map(({ slot }) => slot ?? 0).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: LIMITS.apiKeys }, (_, index) => index + 1),
    );
    const [first] = await listed(headers);
    expect((await askKeys("DELETE", headers, first?.id)).status).toBe(204);
    expect((await createKey(headers)).status).toBe(201);
  });

  it("cannot be made by another key, whatever the gateway lets pass", async () => {
    const { id, email } = await keyOwner();
    const actor = {
      userId: id,
      email,
      role: "user" as const,
      sessionId: id,
      apiKeyId: id,
      scopes: ["alerts:read"],
    };
    const response = await createKey({ [ACTOR_HEADER]: encodeActor(actor) });
    expect(await problemOf(response)).toEqual({ status: 403, code: "forbidden" });
  });
});

describe("a use", () => {
  it("is told who acts and with what, and written down once a minute", async () => {
    const { id: userId, email, headers } = await keyOwner();
    const { id, key } = await keyFrom(createKey(headers));
    await twenty(() => judged(key));
    expect(await judged(key)).toEqual({
      userId,
      email,
      role: "user",
      scopes: ["alerts:read"],
      state: "active",
      expiresAt: null,
      hash: readApiKey(key)?.hash,
      previous: null,
    });
    const first = (await rowOf(id))?.lastUsedAt;
    expect(first).not.toBeNull();
    await judged(key, () => new Date(Date.now() + 50_000));
    expect((await rowOf(id))?.lastUsedAt).toEqual(first);
    const later = new Date(Date.now() + 70_000);
    await judged(key, () => later);
    expect((await rowOf(id))?.lastUsedAt).toEqual(later);
  });

  it("with a wrong secret, or of a key that has ended, is not written down", async () => {
    const { headers } = await keyOwner();
    const { id, key } = await keyFrom(createKey(headers, { expiresAt: inHours(1).toISOString() }));
    const other = await keyFrom(createKey(headers));
    const wrong = readApiKey(other.key)?.hash ?? "";
    expect((await useApiKey(contextAt(), id, wrong))?.state).toBe("active");
    expect((await judged(key, () => inHours(1.1)))?.state).toBe("expired");
    expect((await askKeys("DELETE", headers, id)).status).toBe(204);
    expect((await judged(key))?.state).toBe("revoked");
    expect((await rowOf(id))?.lastUsedAt).toBeNull();
  });

  it("is disabled while its owner is banned, asleep or leaving, and good again after", async () => {
    const { id: userId, headers } = await keyOwner();
    const { key } = await keyFrom(createKey(headers));
    const become = (values: Partial<typeof users.$inferInsert>) =>
      owner.update(users).set(values).where(eq(users.id, userId));
    const state = async () => (await judged(key))?.state;
    await become({ bannedAt: new Date(), banReason: "Spam" });
    expect(await state()).toBe("disabled");
    await become({ bannedAt: null, banReason: null });
    expect(await state()).toBe("active");
    await become({ status: "deactivated" });
    expect(await state()).toBe("disabled");
    await become({ status: "deleting", deleteAfter: inHours(24) });
    expect(await state()).toBe("disabled");
    await become({ status: "active", deleteAfter: null });
    expect(await state()).toBe("active");
    await owner.delete(users).where(eq(users.id, userId));
    expect(await judged(key)).toBeNull();
  });
});

describe("a roll", () => {
  it("gives a new secret; the one before counts until its time is over, an older one no more", async () => {
    const { headers } = await keyOwner();
    const first = await keyFrom(createKey(headers));
    const second = await keyFrom(rollKey(headers, first.id));
    expect(second.id).toBe(first.id);
    const hashes = [readApiKey(first.key)?.hash, readApiKey(second.key)?.hash];
    const known = await judged(second.key);
    expect([known?.previous?.hash, known?.hash]).toEqual(hashes);
    expect((await judged(second.key, () => inHours(1.1)))?.previous).toBeNull();
    const third = await keyFrom(rollKey(headers, first.id, 0));
    expect(await judged(third.key)).toMatchObject({ hash: readApiKey(third.key)?.hash, previous: null });
    expect(await eventsOf(first.id)).toEqual(["api_key.created", "api_key.rolled", "api_key.rolled"]);
  });

  it("is refused to who would write over another roll of the same moment", async () => {
    const { headers } = await keyOwner();
    const { id } = await keyFrom(createKey(headers));
    const answers = await twenty(() => rollKey(headers, id));
    const done = answers.filter(({ status }) => status === 200);
    // Who came after the first had ended rolls what that one made.
    const keys = await Promise.all(done.map((response) => keyFrom(response)));
    const { hash, previousHash } = (await rowOf(id)) ?? {};
    // Some are refused as attempts at the password.
    for (const { status } of answers) expect([200, 409, 429]).toContain(status);
    expect(keys.map(({ key }) => readApiKey(key)?.hash)).toContain(hash);
    expect(await eventsOf(id)).toHaveLength(1 + done.length);
    expect(previousHash).toBeTruthy();
  });

  it("is refused when the password that proved it is changed at the same moment", async () => {
    const { id: userId, headers } = await keyOwner();
    const { id, key } = await keyFrom(createKey(headers));
    const rolling: Promise<Response>[] = [];
    await withTransaction(env.DATABASE_URL, inject("neon"), async (transaction) => {
      await transaction
        .update(users)
        .set({ passwordVersion: sql`password_version + 1` })
        .where(eq(users.id, userId));
      rolling.push(rollKey(headers, id));
      const waiting = sql`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      await vi.waitFor(async () => expect((await owner.execute(waiting)).rows).toHaveLength(1), 10_000);
    });
    for (const roll of rolling)
      expect(await problemOf(await roll)).toEqual({ status: 409, code: "conflict" });
    expect((await rowOf(id))?.hash).toBe(readApiKey(key)?.hash);
  });

  it("of an expired, revoked or another's key is refused", async () => {
    const { headers } = await keyOwner();
    const { id } = await keyFrom(createKey(headers, { expiresAt: inHours(1).toISOString() }));
    await owner
      .update(apiKeys)
      .set({ createdAt: inHours(-2), expiresAt: inHours(-1) })
      .where(eq(apiKeys.id, id));
    expect(await problemOf(await rollKey(headers, id))).toEqual({ status: 409, code: "conflict" });
    const other = await keyOwner();
    expect((await rollKey(other.headers, id)).status).toBe(404);
    await askKeys("DELETE", headers, id);
    expect((await rollKey(headers, id)).status).toBe(404);
  });
});

it("a revoked key is gone from the list; revoking it again changes nothing, another's is not there", async () => {
  const { headers } = await keyOwner();
  const { id } = await keyFrom(createKey(headers));
  expect((await askKeys("DELETE", (await keyOwner()).headers, id)).status).toBe(404);
  await twenty(async () => expect((await askKeys("DELETE", headers, id)).status).toBe(204));
  expect(await listed(headers)).toEqual([]);
  expect(await eventsOf(id)).toEqual(["api_key.created", "api_key.revoked"]);
});
