import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { befriend, newPeople, newPerson, person, type TestPerson } from "../test/person.ts";
import { UsersRpc } from "./rpc.ts";

/** The entrypoint as a binding with these props reaches it. */
const boundBy = (caller?: string) =>
  new UsersRpc(
    Object.assign(createExecutionContext(), { props: caller === undefined ? {} : { caller } }),
    env,
  );

it("tells how people may be written to: by their audience, friendship and blocks, in one answer", async () => {
  const ada = await newPerson();
  const [open, friend, stranger, closed, blocking, blocked] = await newPeople(6);
  if (!open || !friend || !stranger || !closed || !blocking || !blocked) throw new Error("Six were made");
  const [following, follower, close] = await newPeople(3);
  if (!following || !follower || !close) throw new Error("Three were made");
  for (const someone of [following, follower, close])
    await someone.put("/api/v1/users/me/privacy", { contactAudience: "followed" });
  await following.change("POST", "following", ada);
  await ada.change("POST", "following", follower);
  await befriend(ada, close);
  for (const someone of [friend, stranger])
    await someone.put("/api/v1/users/me/privacy", { contactAudience: "friend" });
  await closed.put("/api/v1/users/me/privacy", { contactAudience: "nobody", activityVisibility: "user" });
  await befriend(ada, friend);
  await blocking.change("POST", "blocks", ada);
  await ada.change("POST", "blocks", blocked);
  const nobody = person();
  const asked = [open, friend, stranger, closed, blocking, blocked, nobody, following, follower, close].map(
    ({ userId }) => userId,
  );
  const told = await boundBy("chat").reach(ada.userId, asked);
  const reachOf = Object.fromEntries(told.map(({ userId, reach, activity }) => [userId, [reach, activity]]));
  expect(asked.map((userId) => reachOf[userId])).toEqual([
    ["open", false],
    ["open", true],
    ["request", false],
    ["closed", true],
    ["none", false],
    ["none", false],
    ["none", false],
    ["open", false],
    ["request", false],
    ["open", true],
  ]);
});

it("tells of whom a profile is hidden from nothing of when its owner is active, whoever may see that", async () => {
  const [ada, friend, hidden, forFriends] = await newPeople(4);
  if (!ada || !friend || !hidden || !forFriends) throw new Error("Four were made");
  for (const [someone, profileVisibility] of [
    [hidden, "nobody"],
    [forFriends, "friend"],
  ] as const)
    await someone.put("/api/v1/users/me/privacy", { profileVisibility, activityVisibility: "public" });
  await befriend(forFriends, friend);
  const asked = [hidden, forFriends].map(({ userId }) => userId);
  const shown = async ({ userId }: TestPerson) =>
    (await boundBy("chat").reach(userId, asked)).filter(({ activity }) => activity).map((one) => one.userId);
  expect(await shown(ada)).toEqual([]);
  expect(await shown(friend)).toEqual([forFriends.userId]);
});

it("tells who wants to hear nothing of a person", async () => {
  const [ada, muting, blocking, other] = await newPeople(4);
  if (!ada || !muting || !blocking || !other) throw new Error("Four were made");
  await muting.change("POST", "mutes", ada);
  await blocking.change("POST", "blocks", ada);
  const asked = [muting, blocking, other].map(({ userId }) => userId);
  expect((await boundBy("chat").silencing(ada.userId, asked)).toSorted()).toEqual(
    asked.slice(0, 2).toSorted(),
  );
});

it.each([undefined, "gateway", "alerts"])("tells nothing to caller %s", async (caller) => {
  const { userId } = person();
  await expect(boundBy(caller).reach(userId, [userId])).rejects.toMatchObject({ code: "forbidden" });
  await expect(boundBy(caller).silencing(userId, [userId])).rejects.toMatchObject({ code: "forbidden" });
});
