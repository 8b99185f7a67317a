import { expect, it } from "vitest";
import { MAX_PRESENCES } from "../limits.ts";
import { askedFirst, nobody, person } from "../../test/person.ts";

it("is told of those who let it be seen, and of nobody else", async () => {
  const [ada, bob, eve, none] = [person(), person(), askedFirst(), nobody()];
  const ids = [bob, eve, none].map(({ userId }) => userId).join(",");
  const seen = [{ userId: bob.userId, status: "online", lastSeenAt: null }];
  expect(await ada.ok("GET", `/presence?ids=${ids}`)).toMatchObject({ items: seen });
  const userIds = [bob, eve, none, bob].map(({ userId }) => userId);
  expect(await ada.ok("PUT", "/presence/watch", { userIds })).toMatchObject({ items: seen });
  expect(await ada.ok("GET", `/presence?ids=${eve.userId}`)).toEqual({ items: [] });
  const many = Array.from({ length: MAX_PRESENCES + 1 }, () => person().userId).join(",");
  expect((await ada.call("GET", `/presence?ids=${many}`)).status).toBe(400);
  expect((await ada.call("PUT", "/presence/watch", { userIds: many.split(",") })).status).toBe(400);
});
