import { asOwner } from "@souk/db/operate/owner";
import { uuidv7 } from "@souk/kit/ids";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { eventually } from "../http.ts";
import { logIn, newAdmin, newPerson, type Person } from "../person.ts";
import { testPlatform } from "../platform.ts";
import { call, done } from "./call.ts";
import { OPERATIONS } from "./document.ts";
import { ALERT } from "./sound-requests.ts";

/** Two pages of two and a shorter one, five of one, one of all. */
const AROUND = 5;
const SIZES = [1, 2, AROUND, 100];
const GOLD = { metal: "XAU", currency: "USD" };
/** The last word of a family that nobody else in the tests has. */
const FAMILY = `Zyx${crypto.randomUUID().replaceAll(/[^a-z]/g, "")}`;
/** Months before any price of the other tests. */
const [LONG_AGO, LATER] = ["1999-03-01T00:00:00.000Z", "1999-04-01T00:00:00.000Z"];

const Page = z.object({
  items: z.array(z.record(z.string(), z.unknown())),
  nextCursor: z.string().nullable(),
});
type Item = z.infer<typeof Page>["items"][number];

interface List {
  by: Person;
  params?: Record<string, string>;
  query?: Record<string, string>;
  /** By what an item is known; `id` where this is left out. */
  key?: string;
  /** Whether an item is of this test: others may be added to the list meanwhile. */
  ours?: (item: Item) => boolean;
  /** Puts one more into the list, which the walk may meet or not. */
  add?: () => Promise<void>;
}

const newId = (): string => uuidv7(new Date());
const idOf = (json: unknown): string => z.object({ id: z.uuid() }).parse(json).id;
const alertOf = (person: Person) => done(person, "POST", "/api/v1/alerts", ALERT);
const sendTo = (conversationId: string, by: Person) =>
  done(by, "POST", `/api/v1/conversations/${conversationId}/messages`, {
    clientMessageId: crypto.randomUUID(),
    text: `Hello ${FAMILY}`,
  });
const groupOf = (person: Person, others: Person[]) =>
  done(person, "POST", "/api/v1/conversations", {
    kind: "group",
    title: FAMILY,
    userIds: others.map(({ id }) => id),
  });

/** Trusted devices, letters that could not be delivered, prices of long ago and what an alert fired at them: as the system would have stored them. */
async function store(ada: Person, alertId: string): Promise<void> {
  const { databaseUrl } = await testPlatform();
  await asOwner(databaseUrl, async (client) => {
    for (let n = 0; n < AROUND; n++) {
      await client.query(
        "INSERT INTO events.dead_letters (id, subscriber, event_id, event_type, reason, attempts, body) VALUES ($1, 'users', $2, 'user.followed', $3, 1, '{}')",
        [newId(), newId(), FAMILY],
      );
      const price = newId();
      // All quoted at the same moment, and each on a day of its own.
      for (const [id, value, quoted] of [
        [price, 100 + n, LONG_AGO],
        [newId(), 200 + n, new Date(Date.parse(LONG_AGO) + (n + 1) * 86_400_000).toISOString()],
      ])
        await client.query(
          `INSERT INTO alerts.price_history (id, price_id, bucket, new_value, sources, quoted_at, fetched_at, changed_at, late, evaluated_at)
           SELECT $1, id, $2::timestamptz + make_interval(mins => $3), $4, 2, $2, $2, $2, true, $2 FROM alerts.prices
           WHERE metal = 'XAU' AND currency = 'USD'`,
          [id, quoted, 5 * n, value],
        );
      await client.query(
        `INSERT INTO auth.trusted_devices (id, user_id, hash, password_version, created_at, last_used_at, expires_at)
         SELECT $1, id, $3, password_version, now(), now(), now() + interval '1 day' FROM auth.users WHERE id = $2`,
        [newId(), ada.id, FAMILY + n],
      );
      await client.query(
        `INSERT INTO alerts.alert_history (id, alert_id, user_id, price_history_id, triggered_at, value, threshold, unit, karat, quoted_at, sources)
         VALUES ($1, $2, $3, $4, $5, 100, 90, 'toz', 24, $5, 2)`,
        [newId(), alertId, ada.id, price, LONG_AGO],
      );
    }
  });
}

const Place = z.object({ id: z.uuid(), lastSeq: z.int(), lastActivityAt: z.string() });

/** True once the list of conversations, which is in the order of their last activity, has caught up with each of them. */
async function isListedAsItIs(person: Person, id: string): Promise<true | undefined> {
  const is = Place.parse(await done(person, "GET", `/api/v1/conversations/${id}`));
  const { items } = z
    .object({ items: z.array(Place) })
    .parse(await done(person, "GET", "/api/v1/conversations"));
  const listed = items.find((item) => item.id === id);
  return listed?.lastActivityAt === is.lastActivityAt && listed.lastSeq === is.lastSeq ? true : undefined;
}

/** People with five of everything that is listed. */
async function newLists(): Promise<Record<string, List>> {
  const { harness, prices } = await testPlatform();
  await harness
    .getWorker("alerts")
    .scheduled({ cron: "*/5 * * * *", scheduledTime: new Date(prices.state().at) });
  const [ada, dan, eve, admin] = [await newPerson(), await newPerson(), await newPerson(), await newAdmin()];
  const around: Person[] = [];
  for (let n = 0; n < AROUND; n++) around.push(await newPerson());
  for (const person of [ada, dan, eve, ...around])
    await done(person, "PUT", "/api/v1/users/me", { displayName: `Ada ${FAMILY}` });
  const group = idOf(await groupOf(ada, around));
  await done(admin, "PUT", `/api/v1/legal-holds/${group}`, { reason: FAMILY });
  const alertIds: string[] = [];
  for (const person of around) {
    await logIn(ada.email, ada.password);
    alertIds.push(idOf(await alertOf(ada)));
    const other = idOf(await groupOf(ada, [person]));
    await done(admin, "PUT", `/api/v1/legal-holds/${other}`, { reason: FAMILY });
    await done(admin, "POST", `/api/v1/auth/users/${person.id}/impersonations`, {
      reason: `A ticket of ${FAMILY}`,
    });
    await done(person, "POST", `/api/v1/conversations/${group}/accept`);
    const { seq } = z.object({ seq: z.int() }).parse(await sendTo(group, person));
    await done(person, "PUT", `/api/v1/conversations/${group}/messages/${seq}`, { text: `Hi ${FAMILY}` });
    await done(ada, "POST", `/api/v1/conversations/${group}/messages/${seq}/report`, { reason: "spam" });
    await done(person, "POST", `/api/v1/users/me/following/${ada.id}`);
    await done(ada, "POST", `/api/v1/users/me/following/${person.id}`);
    await done(ada, "POST", `/api/v1/users/me/friend-requests/${person.id}`);
    await done(person, "POST", `/api/v1/users/me/friend-requests/${ada.id}/accept`);
    await done(dan, "POST", `/api/v1/users/me/friend-requests/${person.id}`);
    await done(dan, "POST", `/api/v1/users/me/mutes/${person.id}`);
    await done(eve, "POST", `/api/v1/users/me/blocks/${person.id}`);
  }
  await eventually("the directory knows all that was said", () => isListedAsItIs(ada, group));
  const [alertId = ""] = alertIds;
  await store(ada, alertId);
  const people = { by: ada, params: { id: ada.id }, key: "userId" };
  return {
    listAlerts: { by: ada, add: async () => void (await alertOf(ada)) },
    readAlertHistory: { by: ada, params: { id: alertId } },
    readPriceHistory: {
      by: ada,
      query: { ...GOLD, from: LONG_AGO, to: LATER, interval: "raw" },
      key: "price",
    },
    listSessions: { by: ada, add: async () => void (await logIn(ada.email, ada.password)) },
    listConversations: { by: ada, add: async () => void (await groupOf(ada, [dan])) },
    listMembers: { by: ada, params: { id: group }, key: "userId" },
    listMessages: {
      by: ada,
      params: { id: group },
      key: "seq",
      add: async () => void (await sendTo(group, ada)),
    },
    searchMessages: { by: ada, query: { q: FAMILY }, add: async () => void (await sendTo(group, ada)) },
    listLegalHolds: {
      by: admin,
      key: "conversationId",
      ours: ({ reason }) => reason === FAMILY,
    },
    readHeldMessages: { by: admin, params: { id: group }, key: "seq" },
    listImpersonations: { by: admin, ours: ({ reason }) => reason === `A ticket of ${FAMILY}` },
    listTrustedDevices: { by: ada },
    listSecurityEvents: { by: ada, add: async () => void (await logIn(ada.email, ada.password)) },
    listMessageReports: { by: admin, ours: ({ reporterId }) => reporterId === ada.id },
    listEmails: { by: admin, ours: ({ userId }) => around.some(({ id }) => id === userId) },
    listDeadLetters: { by: admin, ours: ({ reason }) => reason === FAMILY },
    listNotifications: { by: ada },
    searchPeople: { by: ada, query: { q: FAMILY }, key: "userId" },
    listFollowers: people,
    listFollowing: people,
    listFriends: people,
    listFriendRequests: { by: dan, query: { direction: "sent" }, key: "userId" },
    listMuted: { by: dan, key: "userId" },
    listBlocked: { by: eve, key: "userId" },
  };
}

const PAGED = OPERATIONS.filter(({ query }) =>
  ["cursor", "limit"].every((name) => query.some((one) => one.name === name)),
);

let lists: Record<string, List>;
beforeAll(async () => {
  lists = await newLists();
}, 180_000);

const listOf = (id: string): List => {
  const list = lists[id];
  if (list === undefined) throw new Error(`${id} has no list yet`);
  return list;
};

/** All items from the first page to the last, in pages of a size. @param between what happens after each page */
async function walk(
  operation: (typeof PAGED)[number],
  limit: number,
  between?: () => Promise<void>,
): Promise<unknown[]> {
  const { by, params = {}, query = {}, key = "id", ours = () => true } = listOf(operation.id);
  const found: unknown[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const asked = { ...query, limit: String(limit), ...(cursor !== "" && { cursor }) };
    const { status, text, json } = await call(operation, {
      token: by.accessToken,
      params,
      query: asked,
      headers: { "cache-control": "no-cache" },
    });
    expect([status, text]).toEqual([200, text]);
    const { items, nextCursor } = Page.parse(json);
    expect(items.length).toBeLessThanOrEqual(limit);
    // Whoever is told that there is more finds more.
    if (nextCursor !== null) expect(items).toHaveLength(limit);
    if (cursor !== "") expect(items).not.toEqual([]);
    found.push(...items.filter(ours).map((item) => item[key]));
    cursor = nextCursor;
    if (cursor !== null) await between?.();
  }
  return found;
}

/** Nothing is there twice, and nothing of what was there before is missing or elsewhere; mails and notifications may still come. */
function expectWhole(found: unknown[], before: unknown[]): void {
  expect(new Set(found)).toHaveProperty("size", found.length);
  expect(found.filter((item) => before.includes(item))).toEqual(before);
}

describe("a list", () => {
  it("is known here wherever there is one", () => {
    expect(Object.keys(lists).toSorted()).toEqual(PAGED.map(({ id }) => id).toSorted());
  });

  it.each(PAGED.map((operation) => [operation.id, operation] as const))(
    "%s is the same in pages of any size",
    async (id, operation) => {
      const whole = await eventually(`${AROUND} items of ${id}`, async () => {
        const found = await walk(operation, 100);
        return found.length >= AROUND ? found : undefined;
      });
      for (const size of SIZES) expectWhole(await walk(operation, size), whole);
    },
  );

  it.each(PAGED.map((operation) => [operation.id, operation] as const))(
    "%s gives each item once while others come",
    async (id, operation) => {
      const { add } = listOf(id);
      if (add === undefined) return;
      const before = await walk(operation, 100);
      let left = 3;
      const found = await walk(operation, 2, async () => {
        if (left-- > 0) await add();
      });
      expectWhole(found, before);
    },
  );
});
