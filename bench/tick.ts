import { asOwner } from "@souk/db/operate/owner";
import { evaluateAlerts } from "../workers/alerts/src/services/evaluate-alerts.ts";
import { databaseTime, logDurations } from "./measure/database-time.ts";
import { median, percentile } from "./measure/statistics.ts";
import { shown, type Table } from "./report/table.ts";
import { buildBundles } from "./system/bundles.ts";
import type { Databases } from "./system/database.ts";
import { benchEnvironment } from "./system/environment.ts";
import { massTick } from "./tick/mass.ts";
import { evaluateNaively } from "./tick/naive.ts";
import { PER_DOLLAR, seedAlerts, START_PRICE, storeTick } from "./tick/seed.ts";
import { alertsContext } from "./tick/worker-context.ts";

const SMALL = 10_000;
const MILLION = 1_000_000;
const LARGE = 10_000_000;
const WARM_UP = 5;
const TICKS = 30;
/** The naive peer takes seconds, so it runs less often. */
const NAIVE_EVERY = 10;
const CHUNK = 5_000;

interface Took {
  databaseMs: number;
  clockMs: number;
}

/** A database with so many active alerts, and the ways to evaluate its next tick. */
async function market(databases: Databases, name: string, active: number) {
  const database = `bench_tick_${name}`;
  await databases.fresh(database, `alerts_${active}`, seedAlerts(active));
  await logDurations(databases, database);
  const { environments } = await benchEnvironment(databases, database);
  const owner = databases.url(database);
  let price = START_PRICE;
  const next = async (evaluate: () => Promise<unknown>): Promise<Took> => {
    price += 1;
    await asOwner(owner, (client) => storeTick(client, price));
    const took = await databaseTime(databases, database, evaluate);
    const { rows } = await asOwner(owner, (client) =>
      client.query<{ n: number }>("SELECT count(*)::int AS n FROM alerts.alert_history"),
    );
    const expected = (price - START_PRICE) * PER_DOLLAR;
    if (rows[0]?.n !== expected)
      throw new Error(`${name}: ${rows[0]?.n} alerts fired in place of ${expected}`);
    return took;
  };
  return {
    ours: () => next(() => evaluateAlerts(alertsContext(environments["alerts"] ?? {}))),
    naive: () => next(() => asOwner(owner, (client) => evaluateNaively(client, price))),
    drop: () => databases.drop(database),
  };
}

/**
 * A tick that crosses 100 alerts among many, against few and against an evaluator that reads them all; and one that crosses 100,000.
 * @param large also among 10,000,000, whose seed takes minutes when it is first made
 */
export async function measureTick(databases: Databases, large: boolean): Promise<Table> {
  const sizes = large ? [SMALL, MILLION, LARGE] : [SMALL, MILLION];
  const markets: (Awaited<ReturnType<typeof market>> & { size: number; took: Took[] })[] = [];
  for (const size of sizes)
    markets.push({ size, ...(await market(databases, String(size), size)), took: [] });
  const peer: (typeof markets)[number] = {
    size: MILLION,
    ...(await market(databases, "naive", MILLION)),
    took: [],
  };
  for (let tick = -WARM_UP; tick < TICKS; tick++) {
    for (const { ours, took } of markets) {
      const one = await ours();
      if (tick >= 0) took.push(one);
    }
    if (tick >= 0 && tick % NAIVE_EVERY === 0) peer.took.push(await peer.naive());
  }
  for (const { drop } of [...markets, peer]) await drop();
  const bundles = await buildBundles();
  const few = await massTick(databases, bundles, MILLION / 100);
  const many = await massTick(databases, bundles, MILLION / 10);

  const took = (size: number, of: keyof Took) =>
    median((markets.find((one) => one.size === size)?.took ?? []).map((one) => one[of]));
  const [small, million] = [took(SMALL, "databaseMs"), took(MILLION, "databaseMs")];
  const naive = median(peer.took.map(({ databaseMs }) => databaseMs));
  const rate = many.crossing / many.seconds;
  const once = Object.values([many.counted.histories, many.counted.alerts, many.counted.events]);
  const count = (value: number) => value.toLocaleString("en");
  const row = (label: string, times: readonly Took[]) => [
    label,
    shown(median(times.map(({ databaseMs }) => databaseMs))),
    shown(
      percentile(
        times.map(({ databaseMs }) => databaseMs),
        0.95,
      ),
    ),
    shown(median(times.map(({ clockMs }) => clockMs))),
  ];
  return {
    name: "tick",
    title: "A price tick over many alerts",
    about: `Each tick crosses ${PER_DOLLAR} of the active alerts. Ours is \`evaluateAlerts\` of the alerts Worker with its own statements: it finds the tick, and in one statement arms, fires (alert, history and event) and marks the tick. The time in the database is what PostgreSQL logs for every statement from parse to the flushed commit, ${TICKS} ticks after ${WARM_UP} of warm-up; the sizes take turns. The naive peer reads all active alerts and compares them in the program (${peer.took.length} ticks). The ticks that cross ${count(few.crossing)} and ${count(many.crossing)} at once run in workerd, started by the Worker's cron, among ${count(MILLION)} active alerts: ${count(many.crossing)} took ${shown(many.seconds)} s, and workerd grew by at most ${shown(many.grownMb)} MB over ${shown(many.restingMb)} MB (${count(few.crossing)}: ${shown(few.seconds)} s, ${shown(few.grownMb)} MB).`,
    columns: [
      "Evaluator and active alerts",
      "in the database, ms",
      "p95 ms",
      "with the way there and back, ms",
    ],
    rows: [
      ...markets.map(({ size, took: times }) => row(`Souk, ${count(size)}`, times)),
      row(`Naive, ${count(MILLION)}`, peer.took),
    ],
    judged: [
      {
        target: "under 10 ms in the database with 1,000,000 active",
        figure: `${shown(million)} ms`,
        met: million < 10,
      },
      {
        target: "under 1.5 times the time with 10,000 active",
        figure: `${shown(million / small)} times`,
        met: million / small < 1.5,
      },
      ...(large
        ? [
            {
              target: "10,000,000 active within the same factor",
              figure: `${shown(took(LARGE, "databaseMs") / small)} times`,
              met: took(LARGE, "databaseMs") / small < 1.5,
            },
          ]
        : []),
      {
        target: "100,000 crossing at once, 10,000 a second and more",
        figure: `${shown(rate)} a second`,
        met: rate >= 10_000,
      },
      {
        target: "each fired once",
        figure: `${once.map(count).join(", ")} history rows, alerts in them and events`,
        met: once.every((value) => value === many.crossing),
      },
      {
        target: `chunks of at most ${count(CHUNK)}`,
        figure: `${count(many.counted.largest)} in the largest transaction`,
        met: many.counted.largest <= CHUNK,
      },
      {
        target:
          "memory that does not grow with the number that cross (under 64 MB more for ten times as many)",
        figure: `${shown(many.grownMb)} MB over ${shown(few.grownMb)} MB`,
        met: many.grownMb - few.grownMb < 64,
      },
    ],
    leftOut: [
      "the network between Worker and database",
      "Neon is PostgreSQL 17 on this machine behind a stand-in of its HTTP protocol, with flushed commits",
      "in the mass tick, what follows the event log (drain, queues, notifications, mails) and the poll of the sources",
      ...(large ? [] : ["10,000,000 active alerts (`npm run bench -- tick --large`)"]),
    ],
    plot: {
      unit: "ms in the database for a tick that crosses 100",
      bars: [
        ...sizes.map((size) => ({ label: `Souk, ${count(size)} active`, value: took(size, "databaseMs") })),
        { label: `Naive, ${count(MILLION)} active`, value: naive },
      ],
    },
  };
}
