import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { notifications } from "@souk/db/schema/notifications";
import { parseEnv } from "@souk/kit/config";
import { eq } from "drizzle-orm";
import { expect, it, vi } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { alert, consumeWith } from "../../test/deliveries.ts";
import { person } from "../../test/person.ts";
import { device } from "../../test/realtime-client.ts";
import { Env } from "../env.ts";
import { InboxEvent } from "../schemas.ts";
import type { UserHub } from "./user-hub.ts";

const PATIENCE = { timeout: 10_000 };
const db = ownerDatabase();
const { USER_HUB } = parseEnv(Env, env);
const stored = (userId: string) => db.select().from(notifications).where(eq(notifications.userId, userId));

/** The environment of a Worker whose hubs are evicted when it pushes to one: what it pushes is stored by then, and not yet on its way. */
function evicting(webSockets: "hibernate" | "close") {
  const storedBefore: number[] = [];
  const getByName = (userId: string) => {
    const hub = USER_HUB.getByName(userId);
    const deliver: DurableObjectStub<UserHub>["deliver"] = async (...pushed) => {
      storedBefore.push((await stored(userId)).length);
      await evictDurableObject(hub, { webSockets });
      return hub.deliver(...pushed);
    };
    return { deliver };
  };
  return { environment: { ...env, USER_HUB: { getByName } }, storedBefore };
}

/** A device that follows the inbox, and the alerts that it was told of. */
async function follower(ada: ReturnType<typeof person>) {
  const told: unknown[] = [];
  const one = device(ada);
  const onSubscribed = vi.fn<(subscribed: { recovered: boolean }) => void>();
  one.realtime.subscribe("inbox", {
    onSubscribed,
    onEvent: (data) => {
      const event = InboxEvent.parse(data);
      if (event.type === "notification") told.push(event.notification.data["alertId"]);
    },
  });
  await vi.waitFor(() => expect(onSubscribed).toHaveBeenCalledTimes(1), PATIENCE);
  return { ...one, told, onSubscribed };
}

it.each(["hibernate", "close"] as const)(
  "evicted between store and push (its sockets %s), a hub tells each device once, and a repeat of the event nothing",
  async (webSockets) => {
    const ada = person();
    const devices = [await follower(ada), await follower(ada)];
    const { environment, storedBefore } = evicting(webSockets);
    const events = [alert(ada.userId), alert(ada.userId)];
    const ids = events.map(({ event }) => event.data["alertId"]);
    for (const event of [...events, ...events])
      expect((await consumeWith(environment, event)).explicitAcks).toHaveLength(1);
    expect(storedBefore).toEqual([1, 2, 2, 2]);
    const last = alert(ada.userId);
    await consumeWith(env, last);
    const expected = [...ids, last.event.data["alertId"]];
    await vi.waitFor(() => expect(devices.map(({ told }) => told)).toEqual([expected, expected]), PATIENCE);
    for (const { realtime, onSubscribed } of devices) {
      // Who was cut off came back and lost nothing.
      if (webSockets === "hibernate") expect(onSubscribed).toHaveBeenCalledTimes(1);
      for (const [{ recovered }] of onSubscribed.mock.calls.slice(1)) expect(recovered).toBe(true);
      realtime.close();
    }
  },
);
