import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { PriceFault } from "../../local/prices/faults.ts";
import { request } from "../http.ts";
import { newPerson, type Person } from "../person.ts";
import { testPlatform } from "../platform.ts";
import {
  logLines,
  passOverLogs,
  newWatcher,
  ONCE,
  poll,
  tick,
  timesFired,
  toldAll,
  type Watcher,
} from "./watcher.ts";

const Price = z.object({ price: z.string() });
let person: Person;
/** Alerts that have fired in these tests; how often each was told is looked at once, at the end. */
const fired: Watcher[] = [];

async function setFault(mode: PriceFault["mode"], source: PriceFault["source"] = "all"): Promise<void> {
  const { prices } = await testPlatform();
  await fetch(`${prices.url}/api/faults`, { method: "PUT", body: JSON.stringify({ source, mode }) });
}
const current = async () =>
  Price.parse((await request("GET", "/api/v1/prices/current?metal=XAU&currency=USD")).json).price;

async function firedOnce(watcher: Watcher): Promise<void> {
  expect(await timesFired(watcher)).toBe(1);
  fired.push(watcher);
}

beforeAll(async () => {
  person = await newPerson();
  // What is current before a fault is an honest price.
  await tick();
});
afterEach(() => setFault("none"));

describe("the price source", () => {
  it.each<[PriceFault["mode"], string]>([
    ["garbage", "source failed"],
    ["html", "source failed"],
    ["empty", "source failed"],
    ["down", "source failed"],
    ["slow", "source failed"],
    ["zero", "out_of_range"],
    ["negative", "out_of_range"],
    ["tenfold", "outlier"],
    ["stale", "stale"],
  ])("answers %s: no price, no alert; the next honest one fires it once", async (mode, said) => {
    const before = await current();
    const watcher = await newWatcher(person);
    await passOverLogs();
    await setFault(mode);
    await tick();
    expect(await current()).toBe(before);
    expect(await timesFired(watcher)).toBe(0);
    expect(await logLines('"level":"warn"', said)).not.toEqual([]);
    expect(await logLines('"level":"warn"', "no price")).toHaveLength(1);
    await setFault("none");
    await tick();
    await firedOnce(watcher);
  });

  it("lies ten times too high while another says nothing: the third is believed", async () => {
    const { prices } = await testPlatform();
    const watcher = await newWatcher(person);
    await setFault("tenfold", "goldapi");
    await setFault("html", "metalsdev");
    await tick();
    expect(Number(await current())).toBe(Number(prices.state().price));
    await setFault("none");
    await firedOnce(watcher);
  });
});

describe("the cron", () => {
  it("is missed: the next run fires the alert, once", async () => {
    const { prices } = await testPlatform();
    const watcher = await newWatcher(person);
    prices.tick();
    expect(await timesFired(watcher)).toBe(0);
    await tick();
    await firedOnce(watcher);
  });

  it.each([
    ["twice", async () => (await poll(), await poll())],
    ["two at once", () => Promise.all([poll(), poll()])],
    ["20 at once", () => Promise.all(Array.from({ length: 20 }, () => poll()))],
  ])("runs %s: the alert fires once", async (_, run) => {
    const { prices } = await testPlatform();
    const watcher = await newWatcher(person);
    prices.tick();
    await run();
    await firedOnce(watcher);
    expect(await logLines("cron ran", new Date(prices.state().at).toISOString())).not.toEqual([]);
  });

  it("runs late, after a newer price: the old one is kept, and fires nothing", async () => {
    const { prices } = await testPlatform();
    const watcher = await newWatcher(person);
    await tick();
    const late = new Date(new Date(prices.state().at).getTime() - 3_600_000);
    await poll(late);
    await firedOnce(watcher);
  });
});

it("each of these alerts was told once", async () => {
  expect(fired.length).toBeGreaterThan(10);
  expect(await toldAll(fired)).toEqual(fired.map(() => ONCE));
});
