import { runInDurableObject } from "cloudflare:test";
import { ChannelLog } from "@souk/kit/realtime/channel-log";
import fc from "fast-check";
import { expect, it } from "vitest";
import { person } from "../../test/person.ts";

const WINDOW = { events: 6, bytes: 40, ageMs: 100 };
const CHANNELS = ["inbox", "chat"] as const;

interface Kept {
  offset: number;
  at: number;
  data: string;
  key: string | undefined;
}

/** The same in plain arrays: all that was ever published, and which of it is still kept. */
class NaiveLog {
  epoch: string | undefined;
  all: Kept[] = [];
  kept: Kept[] = [];

  append(data: string, now: number, key: string | undefined): number | null {
    if (key !== undefined && this.kept.some((one) => one.key === key)) return null;
    const one = { offset: this.all.length + 1, at: now, data, key };
    this.all.push(one);
    this.kept = [...this.kept, one].slice(-WINDOW.events);
    return one.offset;
  }

  since(offset: number, now: number): Kept[] | null {
    if (offset > this.all.length) return null;
    const missed = this.all.slice(offset);
    const size = missed.reduce((sum, { data }) => sum + data.length, 0);
    const whole = missed.every((one) => this.kept.includes(one) && one.at > now - WINDOW.ageMs);
    return whole && size <= WINDOW.bytes ? missed : null;
  }
}

const channel = fc.constantFrom(...CHANNELS);
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("append" as const),
      channel,
      size: fc.integer({ min: 1, max: 15 }),
      key: fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("since" as const),
      channel,
      back: fc.integer({ min: -1, max: 9 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 80 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "trim" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "wake" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "end" as const }) },
);

it("keeps of each channel the newest events, and gives all that follow a position or none", async () => {
  await runInDurableObject(person().hub(), (_, { storage }) => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60, size: "max" }), (commands) => {
        let log = new ChannelLog(storage.sql, WINDOW);
        log.end();
        const naive = { inbox: new NaiveLog(), chat: new NaiveLog() };
        const epochs = new Set<string>();
        let now = 1_000_000;
        for (const act of commands) {
          if (act.do === "wait") now += act.ms;
          // The object was evicted.
          else if (act.do === "wake") log = new ChannelLog(storage.sql, WINDOW);
          else if (act.do === "end") {
            log.end();
            naive.inbox = new NaiveLog();
            naive.chat = new NaiveLog();
          } else if (act.do === "trim") {
            const left = log.trim(now);
            for (const model of Object.values(naive))
              model.kept = model.kept.filter(({ at }) => at > now - WINDOW.ageMs);
            expect(left).toBe(naive.inbox.kept.length + naive.chat.kept.length > 0);
          } else if (act.do === "append") {
            const model = naive[act.channel];
            const data = "x".repeat(act.size);
            const position = log.append(act.channel, data, now, act.key);
            expect(position?.offset ?? null).toBe(model.append(data, now, act.key));
            const { epoch } = log.top(act.channel);
            model.epoch ??= epoch;
            expect(epoch).toBe(model.epoch);
            epochs.add(epoch);
            expect(log.latest(act.channel)).toBe(model.kept.at(-1)?.data);
          } else {
            const model = naive[act.channel];
            const offset = model.all.length - act.back;
            if (model.epoch === undefined) {
              expect(log.has(act.channel)).toBe(false);
              expect(log.since(act.channel, { epoch: "x", offset: 0 }, now)).toBeNull();
              continue;
            }
            if (offset < 0) continue;
            const found = log.since(act.channel, { epoch: model.epoch, offset }, now);
            expect(found?.map(({ offset: at }) => at) ?? null).toEqual(
              model.since(offset, now)?.map(({ offset: at }) => at) ?? null,
            );
            expect(log.since(act.channel, { epoch: "another", offset }, now)).toBeNull();
            for (const epoch of epochs)
              if (epoch !== model.epoch) expect(log.since(act.channel, { epoch, offset }, now)).toBeNull();
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
