import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { inbox } from "@souk/db/schema/users";
import { uuidv7 } from "@souk/kit/ids";
import { HANDLED_DAYS } from "@souk/kit/retention";
import { expect, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import worker from "../index.ts";

const db = ownerDatabase();
const run = (at: Date) =>
  worker.scheduled(
    createScheduledController({ cron: "41 * * * *", scheduledTime: at }),
    env,
    createExecutionContext(),
  );
const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);

it("forgets handled events, but none that could come again", async () => {
  await db.insert(inbox).values({ eventId: uuidv7(new Date()) });
  await run(inDays(HANDLED_DAYS - 1));
  expect(await db.$count(inbox)).toBe(1);
  await run(inDays(HANDLED_DAYS + 1));
  expect(await db.$count(inbox)).toBe(0);
});
