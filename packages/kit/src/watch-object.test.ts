import { expect, it } from "vitest";
import type { Work } from "./otlp-span.ts";
import { watchAnswer, watchObject } from "./watch-object.ts";

/** Remembers by whom it was asked, as native stubs need to. */
class Hub {
  readonly #userId = "ada";
  tell(text: string): Promise<string> {
    return Promise.resolve(`${this.#userId}: ${text}`);
  }
  fail(): Promise<never> {
    return Promise.reject(new RangeError("no"));
  }
}

function watched() {
  const kept: Work[] = [];
  const spans = { own: () => {}, child: (work: Work) => void kept.push(work) };
  return { context: { spans }, hub: watchObject({ spans }, "USER_HUB", new Hub()), kept };
}

it("keeps a span of each call, without its object's name and its parameters", async () => {
  const { hub, kept } = watched();
  expect(await hub.tell("hello")).toBe("ada: hello");
  await expect(hub.fail()).rejects.toThrow(RangeError);
  expect(kept).toMatchObject([
    {
      name: "USER_HUB.tell",
      kind: "client",
      failed: false,
      attributes: { "rpc.service": "USER_HUB", "rpc.method": "tell" },
    },
    { name: "USER_HUB.fail", failed: true },
  ]);
  expect(JSON.stringify(kept)).not.toMatch(/ada|hello/);
});

it("keeps one of an answer that is waited for", async () => {
  const { context, kept } = watched();
  expect(await watchAnswer(context, "QUOTA", "settle", Promise.resolve(1))).toBe(1);
  expect(kept).toMatchObject([{ name: "QUOTA.settle", failed: false }]);
});

it("is the object itself where nobody collects", async () => {
  const hub = new Hub();
  expect(watchObject({ spans: null }, "USER_HUB", hub)).toBe(hub);
  expect(await watchAnswer({ spans: null }, "QUOTA", "settle", Promise.resolve(1))).toBe(1);
});
