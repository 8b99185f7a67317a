import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { objectOf, person } from "../../test/person.ts";

it("an object that an earlier release made goes on with all that it holds", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  await bob.send(id, "from before");
  const before = await ada.history(id);
  await runInDurableObject(objectOf(id), async (_, { storage }) => {
    for (const change of [
      "DROP INDEX members_own",
      "ALTER TABLE members DROP COLUMN own",
      "ALTER TABLE members DROP COLUMN draft",
      "ALTER TABLE messages DROP COLUMN origin_sender_id",
      "ALTER TABLE messages DROP COLUMN origin_at",
      "DROP TABLE hidden",
    ])
      storage.sql.exec(change);
    // What is not on the disk when the object ends never was.
    await storage.sync();
  });
  const ended = runInDurableObject(objectOf(id), (_, state) => state.abort("ended by the test"));
  await expect(ended).rejects.toThrow("ended by the test");
  expect(await ada.history(id)).toEqual(before);
  expect((await bob.send(id, "from now")).seq).toBe(2);
  await ada.ok("PUT", `/conversations/${id}/messages/1/hidden`);
  await ada.ok("PUT", `/conversations/${id}/draft`, { text: "begun" });
  expect(await ada.open(id)).toMatchObject({ unread: 2, me: { draft: { text: "begun" } } });
});
