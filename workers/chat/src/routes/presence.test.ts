import { expect, it } from "vitest";
import { MAX_PRESENCES } from "../limits.ts";
import { askedFirst, nobody, person } from "../../test/person.ts";

it("is told of those who let it be seen, and of nobody else", async () => {
  const [ada, bob, eve, none] = [person(), person(), askedFirst(), nobody()];
  const ids = [bob, eve, none].map(({ userId }) => userId).join(",");
  expect(await ada.ok("GET", `/presence?ids=${ids}`)).toEqual({
    items: [{ userId: bob.userId, status: "online", lastSeenAt: null }],
  });
  expect(await ada.ok("GET", `/presence?ids=${eve.userId}`)).toEqual({ items: [] });
  const many = Array.from({ length: MAX_PRESENCES + 1 }, () => person().userId).join(",");
  expect((await ada.call("GET", `/presence?ids=${many}`)).status).toBe(400);
});
