import { uuidv7 } from "@souk/kit/ids";
import { HANDLED_DAYS } from "@souk/kit/retention";
import { expect, it, vi } from "vitest";
import { z } from "zod";
import { newPerson } from "../person.ts";
import { testPlatform } from "../platform.ts";
import { WORKERS } from "../workers.ts";
import { logLines, newWatcher, ONCE, passOverLogs, query, told } from "./watcher.ts";

/** Something that a cron has to do, and does once, however often it is fired. */
interface Due {
  /** When the run was to be. */
  at?: Date;
  /** What the log line holds that tells of it, of one of the runs alone. */
  line?: string[];
  /** What the runs have left. */
  left: () => Promise<unknown>;
  expected: unknown;
}

/** Long before anything that was handled is kept. */
const OLD = new Date(Date.now() - (HANDLED_DAYS + 1) * 86_400_000);
const Ids = z.array(z.object({ id: z.string() }));
const idsOf = async (text: string, ids: string[]) => Ids.parse(await query(text, [ids])).map(({ id }) => id);

/** An event that a service has handled long ago, and one that it has handled now. */
async function handled(schema: "users" | "notifications"): Promise<Due> {
  const [old, recent] = [uuidv7(OLD), uuidv7(new Date())];
  await query(`INSERT INTO ${schema}.inbox (event_id, received_at) VALUES ($1, $2), ($3, now())`, [
    old,
    OLD.toISOString(),
    recent,
  ]);
  return {
    line: ["rows pruned", '"table":"inbox","gone":1'],
    left: () => idsOf(`SELECT event_id AS id FROM ${schema}.inbox WHERE event_id = ANY ($1)`, [old, recent]),
    expected: [recent],
  };
}

/** What is due to each cron of each Worker. */
const DUE: Record<string, () => Promise<Due>> = {
  "alerts */5 * * * *": async () => {
    const { prices } = await testPlatform();
    const watcher = await newWatcher();
    prices.tick();
    return {
      at: new Date(prices.state().at),
      left: () => told(watcher),
      expected: ONCE,
    };
  },
  "auth 17 * * * *": async () => {
    const { id } = await newPerson();
    await query(
      "UPDATE auth.users SET status = 'deleting', delete_after = now() - interval '1 minute' WHERE id = $1",
      [id],
    );
    return {
      line: ["erasures asked for", '"count":1'],
      left: () =>
        query(
          `SELECT (SELECT count(*)::int FROM auth.erasures WHERE user_id = $1::text::uuid) AS erasures,
             (SELECT count(*)::int FROM events.log WHERE type = 'person.erasure_requested' AND aggregate_id = $1) AS asked`,
          [id],
        ),
      expected: [{ erasures: 1, asked: 1 }],
    };
  },
  "email 47 * * * *": async () => {
    const [old, recent] = [uuidv7(OLD), uuidv7(new Date())];
    for (const id of [old, recent])
      await query(
        "INSERT INTO email.email_logs (id, event_id, template, user_id, status, message_id) VALUES ($1::text::uuid, $1::text::uuid, 'welcome', $1::text::uuid, 'failed', $1)",
        [id],
      );
    return {
      line: ["rows pruned", '"table":"email_logs","gone":1'],
      left: () => idsOf("SELECT id FROM email.email_logs WHERE id = ANY ($1)", [old, recent]),
      expected: [recent],
    };
  },
  "events * * * * *": async () => {
    const id = uuidv7(new Date());
    const data = { userId: uuidv7(new Date()), fields: ["bio"] };
    await query(
      `INSERT INTO events.log (id, type, version, source, aggregate_id, data, traceparent, occurred_at)
       VALUES ($1, 'profile.updated', 1, 'users', $2, $3, NULL, now())`,
      [id, data.userId, JSON.stringify(data)],
    );
    return {
      left: async () => (await logLines("event consumed", id)).length,
      expected: 1,
    };
  },
  "notifications 43 * * * *": () => handled("notifications"),
  "users 41 * * * *": () => handled("users"),
};

const CRONS = WORKERS.flatMap(({ name, config }) => config.triggers.crons.map((cron) => ({ name, cron })));

it.each(CRONS)(
  "the cron of $name at $cron does its work once, fired twice and two at once",
  async ({ name, cron }) => {
    const prepare = DUE[`${name} ${cron}`];
    if (prepare === undefined) throw new Error("Say above what is due to it");
    const { harness } = await testPlatform();
    const { at = new Date(), line, left, expected } = await prepare();
    await passOverLogs();
    const fire = () => harness.getWorker(name).scheduled({ cron, scheduledTime: at });
    const runs = [...(await Promise.all([fire(), fire()])), await fire()];
    expect(runs.map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok"]);
    const service = `"service":"${name}"`;
    expect(await logLines("cron ran", service, `"cron":"${cron}"`, at.toISOString())).toHaveLength(3);
    expect(await logLines('"level":"error"', service)).toEqual([]);
    if (line !== undefined) expect(await logLines(...line, service)).toHaveLength(1);
    await vi.waitFor(async () => expect(await left()).toEqual(expected), 20_000);
    await fire();
    expect(await left()).toEqual(expected);
  },
);
