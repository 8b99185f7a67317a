import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { log } from "@souk/db/schema/events";
import { eventRow } from "@souk/kit/event-log";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
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
  const row = eventRow(context, "user.banned", context.newId(), {
    userId: context.newId(),
    bannedBy: context.newId(),
    until: null,
  });
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
