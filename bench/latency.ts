import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { asOwner } from "@souk/db/operate/owner";
import { z } from "zod";
import { startMail } from "../local/mail/server.ts";
import { Arrivals } from "./latency/arrivals.ts";
import { seedPeople, seedWaiting, type Waiting } from "./latency/people.ts";
import { openSocket } from "./latency/sockets.ts";
import { percentile } from "./measure/statistics.ts";
import { shown, type Table } from "./report/table.ts";
import { buildBundles } from "./system/bundles.ts";
import type { Databases } from "./system/database.ts";
import { benchEnvironment } from "./system/environment.ts";
import { SCRATCH } from "./system/scratch.ts";
import { startSouk } from "./system/souk.ts";
import { accessToken } from "./system/tokens.ts";
import { seedAlerts, START_PRICE, storeTick } from "./tick/seed.ts";

const DATABASE = "bench_latency";
const PEOPLE = 100;
const WARM_UP = 3;
const ALONE = 30;
/** 10 alerts every 100 ms. */
const TICKS = 80;
const PER_TICK = 10;
const EVERY_MS = 100;
const CRON = "*/5 * * * *";

const Commits = z.array(z.object({ note: z.string(), at: z.coerce.number() }));

/** When the transaction that fired each alert was committed, by note, in milliseconds of the clock. */
async function commits(databases: Databases): Promise<Map<string, number>> {
  const { rows } = await asOwner(databases.url(DATABASE), (client) =>
    client.query(`SELECT a.note, extract(epoch FROM pg_xact_commit_timestamp(h.xmin)) * 1000 AS at
      FROM alerts.alert_history h JOIN alerts.alerts a ON a.id = h.alert_id`),
  );
  return new Map(Commits.parse(rows).map(({ note, at }) => [note, at]));
}

/** From the commit of `alert.triggered` to the frame on the person's WebSocket and to the mail in the inbox, alone and under 100 a second. */
export async function measureLatency(databases: Databases): Promise<Table> {
  await using running = new AsyncDisposableStack();
  await databases.fresh(DATABASE, "alerts_0", seedAlerts(0));
  const mailDir = join(SCRATCH, `mail-${process.pid}`);
  running.defer(() => rmSync(mailDir, { recursive: true, force: true }));
  const mail = running.adopt(await startMail({ dir: mailDir }), (server) => server.close());
  const { secrets, environments } = await benchEnvironment(databases, DATABASE, mail.smtpPort);
  const bundles = await buildBundles();
  const souk = running.adopt(await startSouk({ bundles, environments }), (system) => system.stop());

  const owner = running.adopt(await databases.connect(DATABASE), (client) => client.end());
  const people = await seedPeople(owner, PEOPLE);
  const waiting: Waiting[] = [];
  const add = (step: number, count: number) => {
    for (let n = 0; n < count; n++) {
      const userId = people[waiting.length % PEOPLE]?.id ?? "";
      waiting.push({ userId, step, note: `note-${step}-${n}` });
    }
  };
  for (let step = 1; step <= WARM_UP + ALONE; step++) add(step, 1);
  for (let step = 1; step <= TICKS; step++) add(WARM_UP + ALONE + step, PER_TICK);
  await seedWaiting(owner, START_PRICE, waiting);

  const arrivals = new Arrivals(mail.url);
  for (const person of people) {
    const token = await accessToken(secrets, person);
    const socket = await openSocket(souk.url, token, (note, at) => arrivals.frames.set(note, at));
    running.defer(() => socket.terminate());
  }
  const notesOf = (step: number) => waiting.filter((one) => one.step === step).map(({ note }) => note);
  const tick = async (step: number): Promise<void> => {
    await storeTick(owner, START_PRICE + step);
    await souk.fireCron("alerts", CRON, new Date());
  };

  for (let step = 1; step <= WARM_UP + ALONE; step++) {
    await tick(step);
    await arrivals.of(notesOf(step), 20);
  }
  const ticks: Promise<void>[] = [];
  const begun = performance.now();
  for (let n = 1; n <= TICKS; n++) {
    ticks.push(tick(WARM_UP + ALONE + n));
    await delay(Math.max(0, begun + n * EVERY_MS - performance.now()));
  }
  await Promise.all(ticks);
  const loaded = waiting.filter(({ step }) => step > WARM_UP + ALONE).map(({ note }) => note);
  await arrivals.of(loaded, 1_000);

  const committed = await commits(databases);
  const alone = waiting
    .filter(({ step }) => step > WARM_UP && step <= WARM_UP + ALONE)
    .map(({ note }) => note);
  const times = (notes: readonly string[], of: "frames" | "mails") =>
    notes.map((note) => (arrivals[of].get(note) ?? Number.NaN) - (committed.get(note) ?? Number.NaN));
  const atLoad = loaded.map((note) => committed.get(note) ?? Number.NaN);
  const rate = (loaded.length - 1) / ((Math.max(...atLoad) - Math.min(...atLoad)) / 1000);
  const lines = [
    { label: "WebSocket frame, alone", values: times(alone, "frames") },
    { label: "WebSocket frame, 100 a second", values: times(loaded, "frames") },
    { label: "Mail, alone", values: times(alone, "mails") },
    { label: "Mail, 100 a second", values: times(loaded, "mails") },
  ];
  return {
    name: "latency",
    title: "From a committed alert to the person",
    about: `The whole system: a stored price, the alerts Worker's cron, event log, drain, queues, the person's hub and mail by SMTP. The time runs from PostgreSQL's commit timestamp of the transaction that fired the alert to the frame at the client's socket and to the mail in the inbox. Alone: ${ALONE} alerts one after the other. Under load: ${PER_TICK} alerts every ${EVERY_MS} ms for ${(TICKS * EVERY_MS) / 1000} s (${shown(rate)} a second were committed) to ${PEOPLE} people, each with an open socket.`,
    columns: ["To", "p50 ms", "p99 ms", "most ms"],
    rows: lines.map(({ label, values }) => [
      label,
      shown(percentile(values, 0.5)),
      shown(percentile(values, 0.99)),
      shown(Math.max(...values)),
    ]),
    judged: [
      {
        target: "each alert that fired reached its person by socket and by mail",
        figure: `${arrivals.frames.size} frames and ${arrivals.mails.size} mails of ${waiting.length} alerts`,
        met: arrivals.frames.size === waiting.length && arrivals.mails.size === waiting.length,
      },
    ],
    leftOut: [
      "assets, TLS and the network",
      "Miniflare's queues stand for Cloudflare's, with the same batch sizes and, as configured, no wait for a batch to fill",
      "Miniflare runs one consumer of a queue at a time, so that mails wait in line under load; Cloudflare starts more of them when a queue grows",
      "the mail server here waits 100 ms before it greets each new connection, of which a batch of 15 mails opens three",
      "one machine runs the system, the database, the mail server and the clients",
      "the poll of the price sources; the tick is stored as the poll would",
    ],
    plot: {
      unit: "ms, p50 and p99",
      bars: lines.flatMap(({ label, values }) => [
        { label: `${label}, p50`, value: percentile(values, 0.5) },
        { label: `${label}, p99`, value: percentile(values, 0.99) },
      ]),
    },
  };
}
