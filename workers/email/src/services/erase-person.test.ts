import { env } from "cloudflare:workers";
import { emailAttempts, emailLogs } from "@souk/db/schema/email";
import { eq } from "drizzle-orm";
import { expect, inject, it } from "vitest";
import { ownerDatabase } from "../../../../test/owner-database.ts";
import { deliver, deliveryOf, newId, recordOf } from "../../test/deliver.ts";
import { inboxAt } from "../../test/inbox.ts";

const { sound } = inject("mail");
Object.assign(env, { SMTP_PORT: String(sound.port) });
const { mailsTo } = inboxAt(sound.inbox);
const db = ownerDatabase();

const erasure = (userId: string) => deliveryOf("person.erasure_requested", { userId, erasureId: newId() });
const mailsOf = (userId: string) => db.$count(emailLogs, eq(emailLogs.userId, userId));

it("erases the records of a person's mail with its attempts, and no other's", async () => {
  const [ada, bob] = [newId(), newId()];
  const [first, other] = [
    deliveryOf("user.verified", { userId: ada }),
    deliveryOf("user.verified", { userId: bob }),
  ];
  await deliver(first);
  await deliver(other);
  const { mail } = await recordOf(first);
  expect(await deliver(erasure(ada))).toBe("acknowledged");
  expect(await mailsOf(ada)).toBe(0);
  expect(await db.$count(emailAttempts, eq(emailAttempts.emailId, mail.id))).toBe(0);
  expect((await recordOf(other)).attempts).toHaveLength(1);
});

it("writes to nobody who is erased, however late the event and whoever was first", async () => {
  const userId = newId();
  expect(await deliver(erasure(userId))).toBe("acknowledged");
  const late = deliveryOf("password.changed", { userId, by: "change" });
  expect(await deliver(late)).toBe("acknowledged");
  expect(await deliver(late, 12)).toBe("acknowledged");
  expect(await mailsOf(userId)).toBe(0);
  expect(await mailsTo(`user-${userId}@example.com`)).toEqual([]);
});

it("leaves no record when mails and the erasure come at once", async () => {
  const people = Array.from({ length: 5 }, newId);
  await Promise.all(
    people.flatMap((userId) => [
      deliver(deliveryOf("user.verified", { userId })),
      deliver(erasure(userId)),
      deliver(deliveryOf("password.changed", { userId, by: "reset" })),
    ]),
  );
  for (const userId of people) expect(await mailsOf(userId)).toBe(0);
});
