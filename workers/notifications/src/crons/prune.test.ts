import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { deliveries, inbox, notifications } from "@souk/db/schema/notifications";
import { uuidv7 } from "@souk/kit/ids";
import { HANDLED_DAYS } from "@souk/kit/retention";
import { expect, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { alert, consumeAll, delivery } from "../../test/deliveries.ts";
import worker from "../index.ts";

const db = ownerDatabase();
const run = (at: Date) =>
  worker.scheduled(
    createScheduledController({ cron: "43 * * * *", scheduledTime: at }),
    env,
    createExecutionContext(),
  );
const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);

it("forgets handled events and what became of their mails, but not what a person was told", async () => {
  const userId = uuidv7(new Date());
  const told = alert(userId);
  const mail = { emailId: uuidv7(new Date()), userId, template: "alert", causeId: told.event.id };
  await consumeAll(told, delivery("email.sent", mail, new Date().toISOString()));
  const counts = async () => [await db.$count(inbox), await db.$count(deliveries)];
  const [handled = 0, sent = 0] = await counts();
  expect(handled).toBeGreaterThan(0);
  expect(sent).toBe(1);
  await run(inDays(HANDLED_DAYS - 1));
  expect(await counts()).toEqual([handled, sent]);
  await run(inDays(HANDLED_DAYS + 1));
  expect(await counts()).toEqual([0, 0]);
  expect(await db.$count(notifications)).toBe(1);
});
