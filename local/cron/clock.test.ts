import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PRICE_POLL, startCronClock } from "./clock.ts";
import type { CronRun } from "./fire.ts";

beforeEach(() => void vi.useFakeTimers({ now: new Date("2026-01-05T10:03:20Z") }));
afterEach(() => void vi.useRealTimers());

const unexpected = (problem: unknown): never => expect.unreachable(String(problem));
const workers = [
  { name: "gateway", crons: [] },
  { name: PRICE_POLL.worker, crons: [PRICE_POLL.cron, "0 * * * *"] },
  { name: "events", crons: ["* * * * *"] },
];

it("fires each cron at its minutes, and the price poll at once and in the replay's time", async () => {
  const fired: string[] = [];
  const quotes = [new Date("2008-01-01T12:00:00Z"), new Date("2008-02-01T12:00:00Z")];
  const stop = startCronClock({
    workers,
    fire: async ({ worker, cron, scheduledTime }: CronRun) =>
      void fired.push(`${worker} ${cron} ${scheduledTime.toISOString().slice(0, 16)}`),
    nextQuote: () => quotes.shift(),
    onProblem: unexpected,
  });
  expect(fired.splice(0)).toEqual(["alerts */5 * * * * 2008-01-01T12:00"]);
  await vi.advanceTimersByTimeAsync(2 * 60_000);
  expect(fired.splice(0)).toEqual([
    "events * * * * * 2026-01-05T10:04",
    "alerts */5 * * * * 2008-02-01T12:00",
    "events * * * * * 2026-01-05T10:05",
  ]);
  await vi.advanceTimersByTimeAsync(55 * 60_000);
  expect(fired).toHaveLength(56);
  expect(fired.filter((run) => run.startsWith("alerts"))).toEqual(["alerts 0 * * * * 2026-01-05T11:00"]);
  stop();
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(fired).toHaveLength(56);
});

it("a failed run is told and does not stop the clock", async () => {
  const problems: unknown[] = [];
  const stop = startCronClock({
    workers,
    fire: () => Promise.reject(new Error("no")),
    nextQuote: () => undefined,
    onProblem: (problem) => problems.push(problem),
  });
  await vi.advanceTimersByTimeAsync(3 * 60_000);
  stop();
  expect(problems).toHaveLength(3);
});

it("does not make up for minutes that the machine slept through", async () => {
  const fired: CronRun[] = [];
  const stop = startCronClock({
    workers,
    fire: async (run) => void fired.push(run),
    nextQuote: () => undefined,
    onProblem: unexpected,
  });
  vi.setSystemTime(new Date("2026-01-05T18:00:30Z"));
  await vi.advanceTimersByTimeAsync(2 * 60_000);
  stop();
  expect(fired.map(({ scheduledTime }) => scheduledTime.toISOString().slice(11, 16))).toEqual([
    "18:01",
    "18:02",
  ]);
});

it("refuses an expression that it does not understand at the start", () => {
  const options = { fire: async () => {}, nextQuote: () => undefined, onProblem: unexpected };
  expect(() => startCronClock({ ...options, workers: [{ name: "x", crons: ["@daily"] }] })).toThrow(/@daily/);
});
