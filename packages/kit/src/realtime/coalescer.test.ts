import fc from "fast-check";
import { expect, it } from "vitest";
import { Coalescer } from "./coalescer.ts";
import { REALTIME } from "./limits.ts";

/** A clock that is turned by hand. */
function handClock() {
  let now = 0;
  const due: { at: number; work: () => void }[] = [];
  return {
    now: () => now,
    later: (work: () => void, ms: number) => void due.push({ at: now + ms, work }),
    turn: (ms: number) => {
      for (let passed = 0; passed < ms; passed++) {
        now++;
        const ripe = due.filter(({ at }) => at <= now);
        for (const one of ripe) {
          due.splice(due.indexOf(one), 1);
          one.work();
        }
      }
    },
  };
}

function coalescer(sockets = 1) {
  const clock = handClock();
  const sent: { at: number; frames: string[] }[] = [];
  const made = new Coalescer((text) => {
    const frame: unknown = JSON.parse(text);
    const frames =
      typeof frame === "object" && frame !== null && "frames" in frame && Array.isArray(frame.frames)
        ? frame.frames.map(String)
        : [String(frame)];
    sent.push({ at: clock.now(), frames });
    return sockets;
  }, clock);
  return { clock, sent, add: (text: string) => made.add(JSON.stringify(text)) };
}

it("lets nothing wait where it is quiet", () => {
  const { clock, sent, add } = coalescer();
  for (const frame of ["a", "b", "c"]) {
    add(frame);
    expect(sent.at(-1)).toEqual({ at: clock.now(), frames: [frame] });
    clock.turn(REALTIME.coalesceMs);
  }
});

it("sends what comes within a few milliseconds as one", () => {
  const { clock, sent, add } = coalescer();
  for (const frame of ["a", "b", "c", "d"]) {
    add(frame);
    clock.turn(1);
  }
  clock.turn(REALTIME.coalesceMs);
  expect(sent.map(({ frames }) => frames)).toEqual([["a"], ["b", "c", "d"]]);
});

it.each([
  [200, 200 * REALTIME.coalesceMsPerSocket],
  [10_000, REALTIME.coalesceMostMs],
])("waits longer where a frame goes to %d sockets", (sockets, ms) => {
  const { clock, sent, add } = coalescer(sockets);
  for (const frame of ["a", "b", "c"]) add(frame);
  clock.turn(ms - 1);
  expect(sent.map(({ frames }) => frames)).toEqual([["a"]]);
  clock.turn(1);
  expect(sent.map(({ frames }) => frames)).toEqual([["a"], ["b", "c"]]);
});

it("sends everything once, in order, in time, and nothing too large", () => {
  const step = fc.oneof(
    fc.record({ size: fc.integer({ min: 1, max: 20_000 }) }),
    fc.record({ turn: fc.integer({ min: 1, max: 4 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { clock, sent, add } = coalescer();
      const added: { at: number; frame: string }[] = [];
      for (const act of steps) {
        if ("turn" in act) clock.turn(act.turn);
        else {
          const frame = `${added.length}:${"x".repeat(act.size)}`;
          added.push({ at: clock.now(), frame });
          add(frame);
        }
      }
      clock.turn(REALTIME.coalesceMs);
      expect(sent.flatMap(({ frames }) => frames)).toEqual(added.map(({ frame }) => frame));
      const arrivals = sent.flatMap(({ at, frames }) => frames.map(() => at));
      for (const [n, { at }] of added.entries())
        expect((arrivals[n] ?? Infinity) - at).toBeLessThanOrEqual(REALTIME.coalesceMs);
      for (const { frames } of sent)
        if (frames.length > 1) expect(frames.join("").length).toBeLessThanOrEqual(REALTIME.batchBytes);
    }),
  );
});
