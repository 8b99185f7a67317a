import { expect, it } from "vitest";
import { directId, groupId, objectId } from "./conversation-id.ts";

it("a conversation's id is for ever what its name gives: objects are found by it", async () => {
  const both = [await directId("a", "b"), await directId("b", "a")];
  expect(both).toEqual(Array.from({ length: 2 }, () => "b1505185-10b4-87b6-a2f9-7771c3e6f650"));
  expect(await objectId("job", "x")).toBe("5a8fd39a-1143-83b8-a188-60d96144fa96");
  expect(await groupId("a", "b")).not.toBe(both[0]);
});
