import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { emailAttempts, emailLogs } from "@souk/db/schema/email";
import { uuidv7 } from "@souk/kit/ids";
import { HANDLED_DAYS } from "@souk/kit/retention";
import { expect, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import worker from "../index.ts";

const db = ownerDatabase();
const run = (at: Date) =>
  worker.scheduled(
    createScheduledController({ cron: "47 * * * *", scheduledTime: at }),
    env,
    createExecutionContext(),
  );
const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);

it("forgets mails and their attempts, but none that an event could ask for again", async () => {
  const id = uuidv7(new Date());
  await db.insert(emailLogs).values({
    id,
    eventId: uuidv7(new Date()),
    template: "welcome",
    userId: uuidv7(new Date()),
    messageId: `<${id}@souk.test>`,
    status: "failed",
  });
  await db.insert(emailAttempts).values({ id: uuidv7(new Date()), emailId: id, startedAt: new Date() });
  const counts = async () => [await db.$count(emailLogs), await db.$count(emailAttempts)];
  await run(inDays(HANDLED_DAYS - 1));
  expect(await counts()).toEqual([1, 1]);
  await run(inDays(HANDLED_DAYS + 1));
  expect(await counts()).toEqual([0, 0]);
});
