import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { callTimeout, fullJitter, PRESETS, providerPolicy } from "./resilience.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Runs a call while turning the clock until it has settled. */
async function settle<T>(call: Promise<T>): Promise<T | Error> {
  let result: T | Error | undefined;
  void call.then(
    (value) => (result = value),
    (error: unknown) => (result = error instanceof Error ? error : new Error(String(error))),
  );
  for (let turns = 0; result === undefined && turns < 500; turns++) await vi.advanceTimersByTimeAsync(1_000);
  if (result === undefined) throw new Error("never settled");
  return result;
}

describe("providerPolicy", () => {
  it.each(Object.entries(PRESETS))(
    "%s gives a failing call its retries and no more",
    async (name, preset) => {
      const call = vi.fn(async () => Promise.reject(new Error("down")));
      expect(await settle(providerPolicy(name as keyof typeof PRESETS).execute(call))).toMatchObject({
        message: "down",
      });
      expect(call).toHaveBeenCalledTimes(preset.retries + 1);
    },
  );

  it("gives up a call that does not answer, and tells it so", async () => {
    const signals: AbortSignal[] = [];
    const hang = ({ signal }: { signal: AbortSignal }) => (
      signals.push(signal),
      new Promise<never>(() => {})
    );
    expect(await settle(providerPolicy("social").execute(hang))).toBeInstanceOf(Error);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it("opens after 5 failures in a row, refuses without calling, and closes by a success after 60 s", async () => {
    const policy = providerPolicy("count");
    const down = vi.fn(async () => Promise.reject(new Error("down")));
    await settle(policy.execute(down));
    await settle(policy.execute(down));
    expect(down).toHaveBeenCalledTimes(5);
    await settle(policy.execute(down));
    expect(down).toHaveBeenCalledTimes(5);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(await settle(policy.execute(async () => "up"))).toBe("up");
    expect(await settle(policy.execute(async () => "still up"))).toBe("still up");
  });

  it("waits only so long for a half-open breaker's one call that never ends, and works again after", async () => {
    const policy = providerPolicy("count");
    const down = async () => Promise.reject(new Error("down"));
    await settle(policy.execute(down));
    await settle(policy.execute(down));
    await vi.advanceTimersByTimeAsync(61_000);
    // Its invocation is gone, and with it every timer that would end it.
    const { setTimeout: schedule } = globalThis;
    vi.stubGlobal("setTimeout", () => 0);
    void policy.execute(() => new Promise<never>(() => {}));
    vi.stubGlobal("setTimeout", schedule);

    const call = vi.fn(async () => "up");
    const begun = Date.now();
    expect(await settle(policy.execute(call))).toMatchObject({ message: expect.stringMatching(/timed out/) });
    expect(Date.now() - begun).toBeLessThanOrEqual(40_000 + 1_000);
    expect(call).not.toHaveBeenCalled();
    expect(await settle(policy.execute(call))).toBe("up");
  });

  it("does not open on one failure of one call", async () => {
    const policy = providerPolicy("social");
    await settle(policy.execute(async () => Promise.reject(new Error("down"))));
    expect(await settle(policy.execute(async () => "up"))).toBe("up");
  });
});

describe("fullJitter", () => {
  it("stays between nothing and the exponential bound", () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 60, max: 3_600 }),
        (tries, first, max) => {
          const wait = fullJitter(tries, first, max);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(Math.min(max, first * 2 ** tries));
        },
      ),
    );
  });
});

describe("callTimeout", () => {
  it("gives up a call that does not answer, in five seconds", async () => {
    const settled = vi.fn();
    const call = callTimeout.execute(() => new Promise(() => {})).catch(settled);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await call;
    expect(settled).toHaveBeenCalledWith(expect.objectContaining({ isTaskCancelledError: true }));
  });

  it.each([
    ["answer", async () => "yes", "yes"],
    ["failure", async () => Promise.reject(new Error("down")), new Error("down")],
  ])("passes on an %s, and leaves no timer", async (_, call, expected) => {
    expect(await settle<unknown>(callTimeout.execute<unknown>(call))).toEqual(expected);
    expect(vi.getTimerCount()).toBe(0);
  });
});
