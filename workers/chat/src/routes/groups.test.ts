import { describe, expect, it } from "vitest";
import { archive, askedFirst, person, type TestPerson } from "../../test/person.ts";

const seqs = async (someone: TestPerson, id: string) =>
  (await someone.history(id)).items.map(({ seq }) => seq).toReversed();

describe("a group", () => {
  it("shows newcomers what is written from their joining on, and who left what they had seen", async () => {
    const [ada, bob, eve] = [person(), person(), person()];
    const { id } = await ada.group([bob]);
    await ada.send(id, "before");
    await ada.ok("POST", `/conversations/${id}/members`, { userIds: [eve.userId] });
    await ada.send(id, "after");
    // The line of the system that Eve came is the second.
    expect(await seqs(eve, id)).toEqual([2, 3]);
    expect((await eve.open(id)).unread).toBe(2);
    expect((await eve.call("PUT", `/conversations/${id}/messages/1/reactions`, { emoji: "👍" })).status).toBe(
      404,
    );
    expect((await bob.call("DELETE", `/conversations/${id}/members/${bob.userId}`)).status).toBe(204);
    await ada.send(id, "without Bob");
    expect(await seqs(bob, id)).toEqual([1, 2, 3, 4]);
    const refused = { clientMessageId: "x", text: "x" };
    expect((await bob.call("POST", `/conversations/${id}/messages`, refused)).status).toBe(404);
    await archive(id);
    expect((await bob.list()).items).toEqual([]);
    // Bob comes back, and the gap stays hidden.
    await ada.ok("POST", `/conversations/${id}/members`, { userIds: [bob.userId] });
    expect(await seqs(bob, id)).toEqual([6]);
    expect((await bob.open(id)).unread).toBe(1);
  });

  it("shows everything where its history is open to all", async () => {
    const [ada, bob] = [person(), person()];
    const { id } = await ada.group([], { history: "all" });
    await ada.send(id, "before");
    await ada.ok("POST", `/conversations/${id}/members`, { userIds: [bob.userId] });
    expect(await seqs(bob, id)).toEqual([1, 2]);
  });

  it("is managed by its owner and admins, and by nobody else", async () => {
    const [ada, bob, eve] = [person(), person(), person()];
    const { id } = await ada.group([bob, eve]);
    const path = `/conversations/${id}`;
    const role = (by: TestPerson, of: TestPerson, to: string) =>
      by.call("PUT", `${path}/members/${of.userId}`, { role: to });
    expect((await bob.call("PUT", path, { title: "Silver" })).status).toBe(403);
    expect((await bob.call("POST", `${path}/members`, { userIds: [person().userId] })).status).toBe(403);
    expect((await bob.call("DELETE", `${path}/members/${eve.userId}`)).status).toBe(403);
    expect((await role(bob, bob, "owner")).status).toBe(403);
    expect((await role(ada, bob, "admin")).status).toBe(200);
    expect((await bob.call("PUT", path, { title: "Silver" })).status).toBe(200);
    expect((await bob.call("DELETE", `${path}/members/${ada.userId}`)).status).toBe(403);
    expect((await role(bob, eve, "admin")).status).toBe(403);
    // The owner goes: the admin follows.
    await ada.call("DELETE", `${path}/members/${ada.userId}`);
    expect((await bob.open(id)).me.role).toBe("owner");
    expect((await role(bob, eve, "owner")).status).toBe(200);
    expect([(await bob.open(id)).me.role, (await eve.open(id)).me.role]).toEqual(["admin", "owner"]);
    expect((await role(eve, bob, "member")).status).toBe(200);
  });

  it("is made once for the id that the client chose", async () => {
    const ada = person();
    const clientConversationId = crypto.randomUUID();
    const made = await Promise.all(Array.from({ length: 10 }, () => ada.group([], { clientConversationId })));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect((await person().group([], { clientConversationId })).id).not.toBe(made[0]?.id);
  });

  it("asks who does not let everybody write to them, and hears yes or no", async () => {
    const [ada, yes, no] = [person(), askedFirst(), askedFirst()];
    const { id } = await ada.group([yes, no]);
    expect((await ada.open(id)).memberCount).toBe(1);
    expect((await yes.call("POST", `/conversations/${id}/accept`)).status).toBe(204);
    expect((await no.call("POST", `/conversations/${id}/decline`)).status).toBe(204);
    expect((await ada.open(id)).memberCount).toBe(2);
    expect((await yes.send(id, "Hello")).senderId).toBe(yes.userId);
    for (const path of ["", "/messages", "/members"])
      expect((await no.call("GET", `/conversations/${id}${path}`)).status).toBe(404);
    expect((await person().call("POST", `/conversations/${id}/accept`)).status).toBe(404);
  });

  it("lists its members page by page", async () => {
    const ada = person();
    const others = Array.from({ length: 6 }, () => person());
    const { id } = await ada.group(others);
    const found: unknown[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page = (await ada.ok(
        "GET",
        `/conversations/${id}/members?limit=3${cursor && `&cursor=${cursor}`}`,
      )) as { items: { userId: string }[]; nextCursor: string | null };
      found.push(...page.items.map(({ userId }) => userId));
      cursor = page.nextCursor;
    }
    expect(found).toEqual([ada, ...others].map(({ userId }) => userId).toSorted());
  });
});
