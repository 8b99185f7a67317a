import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSouk } from "./client.ts";
import { RETRY, withRetries } from "./retry.ts";

const LATER = { status: 503, headers: { "retry-after": "2" } };
const ALERT = { metal: "XAU", currency: "USD", type: "above", threshold: "1000" } as const;
const signal = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A client whose answers come one after the other, the last one again and again. */
function client(...answers: ResponseInit[]) {
  const asked: Request[] = [];
  const fetch = async (request: Request) => {
    asked.push(request);
    return new Response("{}", answers[Math.min(asked.length, answers.length) - 1]);
  };
  return { asked, souk: createSouk({ baseUrl: "https://souk.test", fetch }) };
}

describe("a call that may be repeated", () => {
  it("is sent again after what the answer asks, and not before", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const { asked, souk } = client(LATER, { status: 429 }, { status: 200 });
    const call = souk.GET("/api/v1/alerts");
    await vi.advanceTimersByTimeAsync(1999);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(2);
    await Promise.all([call, vi.runAllTimersAsync()]);
    expect(asked).toHaveLength(3);
  });

  it("is given up after four attempts, with the last answer's error", async () => {
    const { asked, souk } = client(LATER);
    const call = expect(souk.DELETE("/api/v1/alerts/{id}", { params: { path: { id: "a" } } })).rejects;
    await Promise.all([call.toMatchObject({ status: 503 }), vi.runAllTimersAsync()]);
    expect(asked).toHaveLength(RETRY.attempts);
  });

  it("is not held for a wait that is longer than its time", async () => {
    const { asked, souk } = client({ status: 429, headers: { "retry-after": "3600" } });
    await expect(souk.GET("/api/v1/alerts")).rejects.toMatchObject({ status: 429 });
    expect(asked).toHaveLength(1);
  });

  it("carries the same idempotency key each time, the caller's where there is one", async () => {
    const { asked, souk } = client(LATER, { status: 201 });
    const [call] = [souk.POST("/api/v1/alerts", { body: ALERT }), await vi.runAllTimersAsync()];
    await call;
    const keys = asked.map(({ headers }) => headers.get("idempotency-key"));
    expect(keys).toEqual([expect.stringMatching(/^[\da-f-]{36}$/), keys[0]]);
    await souk.POST("/api/v1/alerts", { body: ALERT, params: { header: { "Idempotency-Key": "mine" } } });
    expect(asked.at(-1)?.headers.get("idempotency-key")).toBe("mine");
  });
});

it("sends a POST without a key, and a PATCH, once", async () => {
  const { asked, souk } = client(LATER);
  await expect(souk.POST("/api/v1/realtime/tickets")).rejects.toMatchObject({ status: 503 });
  const change = souk.PATCH("/api/v1/alerts/{id}", { params: { path: { id: "a" } }, body: { note: "n" } });
  await expect(change).rejects.toMatchObject({ status: 503 });
  expect(asked).toHaveLength(2);
});

it("repeats a conflict only where the answer says when", async () => {
  const { asked, souk } = client({ status: 409, headers: { "retry-after": "1" } }, { status: 409 });
  const call = expect(souk.PUT("/api/v1/alerts", { body: ALERT })).rejects.toMatchObject({ status: 409 });
  await Promise.all([call, vi.runAllTimersAsync()]);
  expect(asked).toHaveLength(2);
});

it("waits at least what is asked and at most the growing bound more, whatever chance says", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 3, maxLength: 3 }),
      fc.integer({ min: 0, max: 5 }),
      async (chances, seconds) => {
        const chance = vi.spyOn(Math, "random");
        for (const value of chances) chance.mockReturnValueOnce(value);
        const sent: number[] = [];
        const send = async () => {
          sent.push(Date.now());
          return new Response(null, { status: 429, headers: { "retry-after": String(seconds) } });
        };
        await Promise.all([withRetries(send, { withinMs: 60_000, signal }), vi.runAllTimersAsync()]);
        chance.mockRestore();
        const waits = sent.slice(1).map((at, n) => at - (sent[n] ?? 0));
        expect(waits).toHaveLength(RETRY.attempts - 1);
        for (const [n, ms] of waits.entries()) {
          expect(ms).toBeGreaterThanOrEqual(seconds * 1000);
          expect(ms).toBeLessThanOrEqual(
            1 + seconds * 1000 + Math.min(RETRY.capMs, RETRY.baseMs * 2 ** (n + 1)),
          );
        }
      },
    ),
  );
});
