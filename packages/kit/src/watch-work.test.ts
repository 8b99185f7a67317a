import { expect, it } from "vitest";
import { createContext } from "./context.ts";
import type { Work } from "./otlp-span.ts";
import { watchWork } from "./watch-work.ts";

const contextOf = (own: (work: Work) => void) =>
  Object.assign(
    createContext({ VERSION: "1", LOG_LEVEL: "error" as const }, { service: "chat", waitUntil: () => {} }),
    { spans: { own, child: () => {} } },
  );

it("keeps a span of what an object does, when it is done or has failed", async () => {
  const kept: Work[] = [];
  const context = contextOf((work) => void kept.push(work));
  const done = Promise.withResolvers<number>();
  const watched = watchWork(context, "Conversation.tell", () => done.promise);
  expect(kept).toEqual([]);
  done.resolve(7);
  expect(await watched).toBe(7);
  const failing = watchWork(context, "Conversation.alarm", () => Promise.reject(new RangeError("no")));
  await expect(failing).rejects.toThrow(RangeError);
  expect(kept).toMatchObject([
    { name: "Conversation.tell", kind: "internal", failed: false },
    { name: "Conversation.alarm", failed: true },
  ]);
});
