import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { log } from "@souk/db/schema/events";
import { eventRow } from "@souk/kit/event-log";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { uuidv7 } from "@souk/kit/ids";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { ownerDatabase } from "../../../test/owner-database.ts";
import { Env } from "./env.ts";
import { EventsRpc } from "./rpc.ts";

const db = ownerDatabase();

/** The entrypoint as a binding with these props reaches it. */
const boundBy = (props: { caller?: string }) =>
  new EventsRpc(Object.assign(createExecutionContext(), { props }), env);

/** An event that waits to be sent, and whether it still does. */
async function waiting() {
  const context = createContext(parseEnv(Env, { ...env }), { service: "auth", waitUntil: () => {} });
  const row = eventRow(context, "account.locked", context.newId(), { userId: context.newId() });
  await db.insert(log).values(row);
  return async () => {
    const [stored] = await db.select().from(log).where(eq(log.id, row.id));
    return stored?.sentAt === null;
  };
}

describe("wake", () => {
  it.each([{}, { caller: "gateway" }, { caller: "stranger" }])("is refused to %j", async (props) => {
    const waits = await waiting();
    await expect(boundBy(props).wake()).rejects.toMatchObject({ code: "forbidden" });
    expect(await waits()).toBe(true);
  });

  it("sends what the log holds, for those who write it", async () => {
    const waits = await waiting();
    await boundBy({ caller: "alerts" }).wake();
    expect(await waits()).toBe(false);
  });
});

describe("record", () => {
  const change = () => ({
    id: uuidv7(new Date()),
    type: "control.changed" as const,
    aggregateId: "control",
    occurredAt: "2026-11-21T12:00:00.000Z",
    data: {
      version: 3,
      changedBy: crypto.randomUUID(),
      changes: [{ setting: "flags/new", before: null, after: 5 }],
    },
  });
  const stored = (id: string) => db.select().from(log).where(eq(log.id, id));

  it("appends what the gateway tells, once, of twenty at once", async () => {
    const event = change();
    const rpc = boundBy({ caller: "gateway" });
    await Promise.all(Array.from({ length: 20 }, () => rpc.record([event])));
    await rpc.record([{ ...event, aggregateId: "other" }]);
    expect(await stored(event.id)).toMatchObject([
      { type: "control.changed", source: "gateway", aggregateId: "control", data: event.data },
    ]);
  });

  it.each([{}, { caller: "auth" }, { caller: "stranger" }])("is refused to %j", async (props) => {
    const event = change();
    await expect(boundBy(props).record([event])).rejects.toMatchObject({ code: "forbidden" });
    expect(await stored(event.id)).toEqual([]);
  });

  it("takes no event that the gateway does not tell of, and none that is none", async () => {
    const rpc = boundBy({ caller: "gateway" });
    const event = change();
    const userId = crypto.randomUUID();
    const forged = { ...event, type: "user.verified" as const, data: { userId } };
    await expect(rpc.record([forged])).rejects.toMatchObject({ code: "forbidden" });
    await expect(rpc.record([{ ...event, data: { version: 0 } }])).rejects.toThrow();
    expect(await stored(event.id)).toEqual([]);
  });
});
