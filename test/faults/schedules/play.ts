import assert from "node:assert/strict";
import { SOURCES } from "../../../local/prices/faults.ts";
import { z } from "zod";
import { bury, deliverAll, LAST, replayLetters } from "./letters.ts";
import { HONEST, type Lie } from "./market.ts";
import { minutesOf } from "./minutes-of.ts";
import type { QueueName } from "./queues.ts";
import type { Op, Schedule } from "./schedule.ts";
import { setAlert, type SetAlert } from "./set-alert.ts";
import { START, type World } from "./world.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
const BUCKET_MINUTES = 5;
const Current = z.object({ price: z.coerce.number(), quoted_at: z.date() });
const Count = z.object({ count: z.coerce.number() });

/** What a schedule has done so far that the invariants need to know. */
export interface Played {
  alerts: SetAlert[];
  /** The honest price of each polled moment, by minutes since the start. */
  honest: Map<number, number>;
  poisons: number;
}

type PollOp = Omit<Extract<Op, { op: "poll" }>, "lies"> & { lies: readonly (Lie | "none")[] };

async function poll(world: World, played: Played, op: PollOp): Promise<void> {
  const { market } = world;
  const from = world.logs.length;
  market.price = 98 + op.price / 2;
  market.at = new Date(market.at.getTime() + op.buckets * BUCKET_MINUTES * MINUTE);
  // At the next poll a breaker that opened at this one has had its rest.
  world.turnClock(op.buckets * BUCKET_MINUTES * MINUTE);
  market.modes = { ...HONEST };
  SOURCES.forEach((source, index) => (market.modes[source] = op.lies[index] ?? "none"));
  played.honest.set(minutesOf(market.at), market.price);
  world.workers.wakeMishap = op.wakeMishap;
  await Promise.all(
    Array.from({ length: op.atOnce }, (_, run) =>
      world.workers.poll(market.at, run === 0 ? op.mishap : undefined),
    ),
  );
  world.workers.wakeMishap = undefined;
  if (op.mishap !== undefined || SOURCES.every((_, index) => (op.lies[index] ?? "none") !== "none")) return;
  const [price] = await world.rows(Current, "SELECT price, quoted_at FROM alerts.prices");
  const said = world.logs.slice(from).filter((line) => !line.includes('"level":"info"'));
  assert.equal(price?.price, market.price, `one honest source is enough, but: ${said.join("\n")}`);
  assert.equal(price.quoted_at.getTime(), market.at.getTime());
}

async function deliver(world: World, op: Extract<Op, { op: "deliver" }>): Promise<void> {
  const from = world.logs.length;
  world.mailFault = op.mail;
  // Of an invocation that dies no SMTP conversation of a neighbouring message may go on.
  const picks = op.mishap && op.queue === "email-bulk" ? op.picks.slice(0, 1) : op.picks;
  const results = await Promise.all(
    Array.from({ length: op.atOnce }, (_, run) =>
      world.deliver(op.queue, picks, run === 0 ? op.mishap : undefined),
    ),
  );
  world.mailFault = "none";
  const said = world.logs
    .slice(from)
    .filter((line) => /event will be retried|event given up/.test(line)).length;
  const retried = results.reduce((sum, result) => sum + result.retried, 0);
  if (op.queue !== "dead-letters") assert(said >= retried, "every repeat is told in the log");
}

function poison(world: World, played: Played, op: Extract<Op, { op: "poison" }>): void {
  played.poisons++;
  const id = crypto.randomUUID();
  const event = {
    specversion: "1.0",
    id,
    type: "alert.triggered",
    source: "souk/test",
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    aggregateid: id,
    version: 1,
    traceparent: null,
    data: {},
  };
  world.queues.put(op.queue, op.shape === "no event" ? { nonsense: id } : { subscriber: op.queue, event });
}

async function perform(world: World, played: Played, op: Op): Promise<void> {
  world.turnClock(SECOND);
  if (op.op === "alert") return void played.alerts.push(await setAlert(world, op, played.alerts.length));
  if (op.op === "poll") return poll(world, played, op);
  if (op.op === "deliver") return deliver(world, op);
  if (op.op === "repeat") return world.queues.repeat(op.queue, op.which);
  if (op.op === "tire") return world.queues.tire(op.queue, op.which, LAST[op.queue] - 1);
  if (op.op === "poison") return poison(world, played, op);
  if (op.op === "replay letters") return replayLetters(world, op.mishap);
  if (op.op === "bury") return bury(world, op);
  if (op.op === "time passes") return world.passTime();
  await Promise.all(
    Array.from({ length: op.atOnce }, (_, run) => world.workers.sweep(run === 0 ? op.mishap : undefined)),
  );
}

const ROUNDS = 60;
const EVERY_QUEUE: QueueName[] = ["gateway", "notifications", "email-bulk", "dead-letters"];

/** All faults are over: time passes, sweeps and deliveries go on until nothing is left to do. */
async function settle(world: World): Promise<void> {
  await world.workers.poll(world.market.at);
  for (let round = 0; round < ROUNDS; round++) {
    await world.passTime();
    await world.workers.sweep();
    for (const queue of EVERY_QUEUE) await deliverAll(world, queue);
    await replayLetters(world);
    const [unsent] = await world.rows(Count, "SELECT count(*) FROM events.log WHERE sent_at IS NULL");
    if (world.queues.waiting === 0 && unsent?.count === 0) return;
  }
  assert.fail(`not quiet after ${ROUNDS} rounds: ${world.queues.waiting} messages wait`);
}

/** Plays a schedule in a world that has just been reset, and lets it come to rest. */
export async function play(world: World, schedule: Schedule): Promise<Played> {
  const played: Played = { alerts: [], honest: new Map(), poisons: 0 };
  world.market.at = new Date(START);
  const honest = {
    op: "poll",
    price: 4,
    buckets: 1,
    lies: [],
    atOnce: 1,
    mishap: undefined,
    wakeMishap: undefined,
  } as const;
  await poll(world, played, honest);
  for (const alert of schedule.alerts) played.alerts.push(await setAlert(world, alert, played.alerts.length));
  for (const op of schedule.ops) await perform(world, played, op);
  await settle(world);
  return played;
}
