import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { objectOf, person } from "../../test/person.ts";

const TO_BEFORE_KEEPING = [
  ...["keep_days", "expired_seq", "hold_reason", "held_by", "held_since"].map(
    (column) => `ALTER TABLE conversation DROP COLUMN ${column}`,
  ),
  "DROP TABLE held",
  "DROP TABLE scheduled",
];
const TO_BEFORE_DRAFTS = [
  "DROP INDEX members_own",
  "ALTER TABLE members DROP COLUMN own",
  "ALTER TABLE members DROP COLUMN draft",
  "ALTER TABLE messages DROP COLUMN origin_sender_id",
  "ALTER TABLE messages DROP COLUMN origin_at",
  "DROP TABLE hidden",
];

it.each([
  ["drafts", [...TO_BEFORE_KEEPING, ...TO_BEFORE_DRAFTS]],
  ["retention, legal holds and messages for later", TO_BEFORE_KEEPING],
])("an object that was made before there were %s goes on with all that it holds", async (_, changes) => {
  const [ada, bob, admin] = [person(), person(), person(undefined, "admin")];
  const { id } = await ada.direct(bob);
  await bob.send(id, "from before");
  const before = await ada.history(id);
  await runInDurableObject(objectOf(id), async (_instance, { storage }) => {
    for (const change of changes) storage.sql.exec(change);
    // What is not on the disk when the object ends never was.
    await storage.sync();
  });
  const ended = runInDurableObject(objectOf(id), (_instance, state) => state.abort("ended by the test"));
  await expect(ended).rejects.toThrow("ended by the test");
  expect(await ada.history(id)).toEqual(before);
  expect((await bob.send(id, "from now")).seq).toBe(2);
  await ada.ok("PUT", `/conversations/${id}/messages/1/hidden`);
  await ada.ok("PUT", `/conversations/${id}/draft`, { text: "begun" });
  expect(await ada.open(id)).toMatchObject({ unread: 2, keepDays: null, me: { draft: { text: "begun" } } });
  const later = { text: "later", sendAt: new Date(Date.now() + 3_600_000).toISOString() };
  await ada.ok("POST", `/conversations/${id}/scheduled-messages`, { ...later, clientMessageId: "later" });
  expect(await ada.ok("GET", `/conversations/${id}/scheduled-messages`)).toMatchObject({ items: [later] });
  await admin.ok("PUT", `/legal-holds/${id}`, { reason: "Case 7" });
  await ada.ok("PUT", `/conversations/${id}`, { keepDays: 1 });
  await bob.ok("DELETE", `/conversations/${id}/messages/1`);
  const kept = await admin.ok("GET", `/legal-holds/${id}/messages`);
  expect(kept).toMatchObject({ items: [{ seq: 1, text: "from before" }] });
});
