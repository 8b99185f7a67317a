import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { Env } from "../env.ts";
import { Limiter, type Verdict } from "./limiter.ts";
import type { Report, Settlement } from "./settlement.ts";

const { QUOTA } = Env.parse(env);
const START = Math.ceil(Date.now() / 60_000) * 60_000;

/** Limiters of one person before the one real object, with a clock that the test turns. */
function world(count: number, limit: number) {
  const userId = crypto.randomUUID();
  const accepted: number[] = [];
  const background: Promise<unknown>[] = [];
  const counts = { decisions: 0, waited: 0, calls: 0, refused: 0 };
  const state = { now: START, broken: false };
  const settle = async (id: string, report: Report): Promise<Settlement> => {
    counts.calls += 1;
    if (state.broken) throw new Error("the object does not answer");
    return QUOTA.getByName(id).settle(report);
  };
  const limiters = Array.from({ length: count }, () => new Limiter(settle));
  const request = (at: number, cost = 1): Verdict | Promise<Verdict> => {
    const now = state.now;
    const done = (verdict: Verdict): Verdict => {
      if (verdict.allowed) for (let n = 0; n < cost; n++) accepted.push(now);
      else counts.refused += 1;
      return verdict;
    };
    counts.decisions += 1;
    const limiter = limiters[at % count];
    if (limiter === undefined) throw new Error("no such limiter");
    const decided = limiter.decide(userId, limit, cost, now, (work) => void background.push(work));
    if (!(decided instanceof Promise)) return done(decided);
    counts.waited += 1;
    return decided.then(done);
  };
  /** Requests at one time, taken in turn by the limiters. */
  const together = (many: number, at = (n: number) => n) =>
    Promise.all(Array.from({ length: many }, async (_, n) => request(at(n))));
  const settled = () => Promise.all(background.splice(0));
  /** The most that was let through in any 60 s. */
  const most = () => {
    const times = accepted.toSorted((a, b) => a - b);
    let from = 0;
    return times.reduce((max, time, at) => {
      while ((times[from] ?? time) <= time - 60_000) from += 1;
      return Math.max(max, at - from + 1);
    }, 0);
  };
  return { userId, request, together, settled, most, counts, state, accepted };
}

describe("one limiter", () => {
  it("lets exactly the limit through, says what is left, and when to come again", async () => {
    const { request, settled, state, accepted } = world(1, 1_000);
    for (let n = 0; n < 1_000; n++) {
      const verdict = await request(0);
      expect(verdict).toMatchObject({ allowed: true, remaining: 999 - n });
      await settled();
    }
    const refused = await request(0);
    expect(refused).toEqual({ allowed: false, remaining: 0, retryAt: START + 62_000 });
    state.now = refused.retryAt - 1;
    expect((await request(0)).allowed).toBe(false);
    state.now = refused.retryAt;
    expect((await request(0)).allowed).toBe(true);
    expect(accepted).toHaveLength(1_001);
  });

  it("counts a dear request for what it costs", async () => {
    const { request, settled } = world(1, 1_000);
    for (let n = 0; n < 10; n++) {
      expect(await request(0, 100)).toMatchObject({ allowed: true, remaining: 900 - n * 100 });
      await settled();
    }
    expect((await request(0)).allowed).toBe(false);
  });

  it("asks the object above 80 % of the limit, and not again once it was refused", async () => {
    const { request, settled, counts } = world(1, 1_000);
    for (let n = 0; n < 800; n++) {
      await request(0);
      await settled();
    }
    const before = counts.waited;
    for (let n = 0; n < 200; n++) await request(0);
    expect(counts.waited - before).toBe(200);
    const calls = counts.calls;
    for (let n = 0; n < 50; n++) expect((await request(0)).allowed).toBe(false);
    expect(counts.calls).toBe(calls);
  });

  it("tells the object once a minute of a person who sends little, and never makes them wait", async () => {
    const { request, settled, counts, state } = world(1, 1_000);
    for (let n = 0; n < 20; n++) {
      await request(0);
      await settled();
      state.now += 30_000;
    }
    expect(counts).toMatchObject({ waited: 0, calls: 10 });
  });

  it("decides by what it knows while the object does not answer, and tells it afterwards", async () => {
    const { request, settled, state, userId } = world(1, 1_000);
    state.broken = true;
    for (let n = 0; n < 1_000; n++) expect((await request(0)).allowed).toBe(true);
    expect((await request(0)).allowed).toBe(false);
    await settled();
    state.broken = false;
    state.now += 62_000;
    expect((await request(0)).allowed).toBe(true);
    await settled();
    const report = { limiter: "x", now: state.now, limit: 1_000, spent: [], ask: 1_000 };
    expect((await QUOTA.getByName(userId).settle(report)).granted).toBe(false);
  });

  it("does not wait for an object that hangs", async () => {
    const limiter = new Limiter(() => new Promise(() => {}));
    const work: Promise<unknown>[] = [];
    const decide = () => limiter.decide("someone", 10, 1, START, (one) => void work.push(one));
    expect(await decide()).toMatchObject({ allowed: true });
    expect(decide()).toMatchObject({ allowed: true });
  });
});

describe("many limiters of one person", () => {
  it.each([20, 40])("%i that are hit all at once let at most a tenth too much through", async (count) => {
    const { together, settled, most, counts, state } = world(count, 1_000);
    for (let round = 0; round < 4; round++) {
      await together(800);
      await settled();
      state.now += 700;
    }
    expect(most()).toBeGreaterThanOrEqual(1_000);
    expect(most()).toBeLessThanOrEqual(1_100);
    expect(counts.refused).toBeGreaterThan(2_000);
  });

  it("hold the limit in every window of 60 s of a long uneven run", async () => {
    const { together, settled, most, state, accepted } = world(25, 1_000);
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let step = 0; step < 150; step++) {
      const burst = random(10) === 0 ? 300 : random(30);
      // Reports stay under way while the next requests come.
      await together(burst, () => random(25));
      if (random(3) === 0) await settled();
      state.now += random(3_000);
    }
    await settled();
    expect(accepted.length).toBeGreaterThan(2_000);
    expect(most()).toBeLessThanOrEqual(1_100);
    expect(most()).toBeGreaterThan(900);
  });

  it("decide nine of ten without waiting, at one request a second each", async () => {
    const { together, settled, counts, state } = world(20, 5_000);
    for (let second = 0; second < 180; second++) {
      await together(20);
      await settled();
      state.now += 1_000;
    }
    expect(counts.refused).toBe(0);
    expect(counts.decisions).toBe(3_600);
    expect(counts.waited / counts.decisions).toBeLessThanOrEqual(0.1);
    expect(counts.calls / counts.decisions).toBeLessThanOrEqual(0.25);
  });

  it("still know what was spent after the object lost its memory", async () => {
    const { together, settled, accepted, userId } = world(20, 1_000);
    await together(990);
    await settled();
    await evictDurableObject(QUOTA.getByName(userId));
    await together(400);
    expect(accepted.length).toBeGreaterThanOrEqual(1_000);
    expect(accepted.length).toBeLessThanOrEqual(1_100);
  });
});
