import { runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { keepPublished, markPublished, readUnpublished } from "../conversation/publish.ts";
import { ConversationStore } from "../conversation/store.ts";
import { ARCHIVE_PAUSE_MS, LONGEST_ARCHIVE_PAUSE_MS } from "../limits.ts";
import { archive, objectOf, person } from "../../test/person.ts";
import { Alarm } from "./alarm.ts";

afterEach(() => void vi.useRealTimers());

/** An object's storage as far as alarms go, which counts what is written. */
function storedAlarm(first: number | null) {
  const stored = { at: first, writes: 0 };
  const storage = {
    getAlarm: async () => stored.at,
    setAlarm: async (at: number | Date) => {
      stored.at = Number(at);
      stored.writes++;
    },
  };
  let begun: Promise<unknown> = Promise.resolve();
  const blockConcurrencyWhile = <T>(work: () => Promise<T>): Promise<T> => {
    const done = work();
    begun = done;
    return done;
  };
  const begin = async () => {
    const alarm = new Alarm({ storage, blockConcurrencyWhile });
    await begun;
    return alarm;
  };
  return { stored, begin };
}

it("an alarm is written only where it must come earlier, and again when it has come", async () => {
  const { stored, begin } = storedAlarm(null);
  const alarm = await begin();
  for (const at of [1000, 1000, 2000, 500, 1500]) await alarm.by(at);
  expect(stored).toEqual({ at: 500, writes: 2 });
  alarm.came();
  await alarm.by(1500);
  expect(stored).toEqual({ at: 1500, writes: 3 });
});

it("an alarm of an object's last life is not put off", async () => {
  const { stored, begin } = storedAlarm(1000);
  const alarm = await begin();
  await alarm.by(2000);
  expect(stored).toEqual({ at: 1000, writes: 0 });
  await alarm.by(900);
  expect(stored).toEqual({ at: 900, writes: 1 });
});

it("the archive is written at once after a pause, and less and less often while there is something each time", async () => {
  // An hour ahead, so that no alarm comes by itself.
  let now = Date.now() + 3_600_000;
  vi.setSystemTime(now);
  const pass = (ms: number) => vi.setSystemTime((now += ms));
  const [ada, bob] = [person(), person()];
  const { id } = await ada.group([bob]);
  const due = () => runInDurableObject(objectOf(id), (_, { storage }) => storage.getAlarm());
  expect(await due()).toBe(now);
  await archive(id);
  for (let pause = ARCHIVE_PAUSE_MS; pause < 4 * LONGEST_ARCHIVE_PAUSE_MS; pause *= 2) {
    const expected = Math.min(pause, LONGEST_ARCHIVE_PAUSE_MS);
    await ada.send(id, "Good morning");
    expect(await due()).toBe(now + expected);
    // What is written meanwhile goes along.
    pass(expected / 2);
    await ada.send(id, "And?");
    expect(await due()).toBe(now + expected / 2);
    pass(expected / 2);
    await archive(id);
  }
  pass(3 * LONGEST_ARCHIVE_PAUSE_MS);
  await ada.send(id, "Still there?");
  expect(await due()).toBe(now);
  await archive(id);
  await ada.send(id, "Good");
  expect(await due()).toBe(now + ARCHIVE_PAUSE_MS);
});

it("what devices were told is told again after a crash until it is stored, with the next change or the archive", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.group([bob]);
  await ada.send(id, "Good morning");
  await archive(id);
  await runInDurableObject(objectOf(id), (_, { storage }) => {
    const life = () => new ConversationStore(storage.sql);
    const untold = (store: ConversationStore) => readUnpublished(store)?.room.length ?? 0;
    expect(untold(life())).toBe(0);
    const again = () => life().sql.exec("UPDATE conversation SET published = 0");
    const tellAll = (store: ConversationStore) => {
      for (let news = readUnpublished(store); news !== null; news = readUnpublished(store))
        markPublished(store, news);
    };
    again();
    const first = life();
    tellAll(first);
    expect([untold(first), untold(life())]).toEqual([0, 2]);
    keepPublished(first);
    expect(untold(life())).toBe(0);
    again();
    const second = life();
    tellAll(second);
    second.revise(new Date().toISOString());
    expect(untold(life())).toBe(0);
  });
});
