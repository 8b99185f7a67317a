import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Flights } from "./flights.ts";

const WAIT_MS = 1_000;
const LONGEST_MS = 5_000;
let flights: Flights<string>;

beforeEach(() => {
  flights = new Flights(WAIT_MS, LONGEST_MS);
  vi.useFakeTimers({ toFake: ["setTimeout"] });
});
afterEach(() => void vi.useRealTimers());

const never = Number.NEGATIVE_INFINITY;

it("gives one result to all who joined", async () => {
  const land = flights.start("a", 0);
  const joined = Promise.all(Array.from({ length: 5 }, () => flights.join("a", 10, never)));
  await vi.advanceTimersByTimeAsync(300);
  land("result");
  await vi.advanceTimersByTimeAsync(100);
  expect(await joined).toEqual(Array(5).fill("result"));
  expect(await flights.join("a", 20, never)).toBeNull();
  expect(flights.isBusy("a", 20)).toBe(false);
});

it("gives up a call of which nobody hears again, and lets another begin", async () => {
  flights.start("a", 0);
  const joined = flights.join("a", 10, never);
  await vi.advanceTimersByTimeAsync(WAIT_MS + 64);
  expect(await joined).toBeUndefined();
  expect(await flights.join("a", WAIT_MS, never)).toBeNull();
  expect([flights.isBusy("a", LONGEST_MS - 1), flights.isBusy("a", LONGEST_MS)]).toEqual([true, false]);
});

it("joins nobody to a call that is too old for them, or of another key", async () => {
  flights.start("a", 10);
  expect(await flights.join("a", 20, 10)).toBeNull();
  expect(await flights.join("b", 20, never)).toBeNull();
});

it("knows a late end from that of the call that came after", async () => {
  const first = flights.start("a", 0);
  const second = flights.start("a", 2_000);
  first("old");
  const joined = flights.join("a", 2_010, never);
  second("new");
  await vi.advanceTimersByTimeAsync(10);
  expect(await joined).toBe("new");
});
