import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { expect, it } from "vitest";
import { INVOCATIONS } from "../../../../test/limits/count-calls.ts";
import { ConversationStore } from "../conversation/store.ts";
import { answerOf } from "../conversation/outcome.ts";
import { Env } from "../env.ts";
import { HUB_MEMBERS, PUBLISHED_AT_ONCE } from "../limits.ts";
import { objectOf, person } from "../../test/person.ts";
import { Teller } from "./teller.ts";

const NO_SOCKETS = { publish: () => false, endSession: () => {} };

it("tells of any number of changes, in invocations of which none makes more calls than it may", async () => {
  const people = Array.from({ length: 8 * PUBLISHED_AT_ONCE }, () => person());
  const id = crypto.randomUUID();
  const at = new Date().toISOString();
  const members = people.map(({ userId }) => ({ userId, role: "member", status: "active" }) as const);
  answerOf(
    await objectOf(id).create(
      { userId: people[0]?.userId ?? "", at },
      { id, kind: "group", title: "Gold", object: null, history: "all", members, eventIds: [] },
    ),
  );
  await people[0]?.send(id, "Good morning");
  const told: string[] = [];
  let calls = 0;
  const answer = (userIds: string[]) => {
    calls++;
    return Promise.resolve({ failed: [], connected: userIds });
  };
  const NOTIFICATIONS = {
    publish: answer,
    publishEach: (deliveries: { userId: string }[]) => {
      expect(deliveries.length).toBeLessThanOrEqual(HUB_MEMBERS);
      told.push(...deliveries.map(({ userId }) => userId));
      return answer([]);
    },
  };
  await runInDurableObject(objectOf(id), async (_, { storage }) => {
    const store = new ConversationStore(storage.sql);
    // As if nobody had been told of anything.
    store.sql.exec("UPDATE conversation SET published = 0");
    const context = createContext(parseEnv(Env, { ...env, NOTIFICATIONS }), {
      service: "chat",
      waitUntil: () => {},
    });
    let goesOn = true;
    while (goesOn) {
      goesOn = false;
      calls = 0;
      const teller = new Teller(store, NO_SOCKETS, async () => void (goesOn = true));
      await teller.tell(context);
      expect(calls + 1).toBeLessThanOrEqual(INVOCATIONS);
    }
  });
  expect(new Set(told)).toEqual(new Set(people.map(({ userId }) => userId)));
});
