import { setInterval } from "node:timers";
import { asOwner } from "@souk/db/operate/owner";
import { z } from "zod";
import { residentBytes, workerdOf } from "../measure/process.ts";
import type { Bundle } from "../system/bundles.ts";
import type { Databases } from "../system/database.ts";
import { benchEnvironment } from "../system/environment.ts";
import { startSouk } from "../system/souk.ts";
import { PER_DOLLAR, seedAlerts, START_PRICE, storeTick } from "./seed.ts";

const Count = z.object({
  histories: z.coerce.number(),
  alerts: z.coerce.number(),
  events: z.coerce.number(),
  largest: z.coerce.number(),
});

export interface Mass {
  crossing: number;
  seconds: number;
  /** Memory of workerd before, and what it grew by at most meanwhile, in MB. */
  restingMb: number;
  grownMb: number;
  /** History rows, distinct alerts in them, and events: each is to be `crossing`. */
  counted: z.infer<typeof Count>;
}

const SAMPLE_MS = 20;
const CRON = "*/5 * * * *";

/** One tick that crosses many alerts at once, evaluated by the real alerts Worker in workerd, started by its cron. */
export async function massTick(
  databases: Databases,
  bundles: readonly Bundle[],
  crossing: number,
): Promise<Mass> {
  const database = `bench_mass_${crossing}`;
  await databases.fresh(database, "alerts_1000000", seedAlerts(1_000_000));
  const { environments } = await benchEnvironment(databases, database);
  const alerts = bundles.filter(({ name }) => name === "alerts");
  const souk = await startSouk({ bundles: alerts, environments });
  try {
    // The first run loads the code and opens connections.
    await souk.fireCron("alerts", CRON, new Date());
    await asOwner(databases.url(database), (client) =>
      storeTick(client, START_PRICE + crossing / PER_DOLLAR),
    );
    const workerd = workerdOf(souk.pid);
    const resting = residentBytes(workerd);
    let most = resting;
    const sampler = setInterval(() => (most = Math.max(most, residentBytes(workerd))), SAMPLE_MS);
    const begun = performance.now();
    await souk.fireCron("alerts", CRON, new Date()).finally(() => clearInterval(sampler));
    const seconds = (performance.now() - begun) / 1000;
    const { rows } = await asOwner(databases.url(database), (client) =>
      client.query(`SELECT (SELECT count(*) FROM alerts.alert_history) AS histories, (SELECT count(DISTINCT alert_id) FROM alerts.alert_history) AS alerts,
        (SELECT count(DISTINCT data ->> 'alertId') FROM events.log WHERE type = 'alert.triggered') AS events,
        (SELECT max(n) FROM (SELECT count(*) AS n FROM alerts.alert_history GROUP BY xmin) chunk) AS largest`),
    );
    const megabytes = (bytes: number) => bytes / 2 ** 20;
    return {
      crossing,
      seconds,
      restingMb: megabytes(resting),
      grownMb: megabytes(most - resting),
      counted: Count.parse(rows[0]),
    };
  } finally {
    await souk.stop();
    await databases.drop(database);
  }
}
