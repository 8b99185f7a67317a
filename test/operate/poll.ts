import type { TestPlatform } from "../platform.ts";

let polls = 0;

/** Fires the poll as the platform would, in a bucket of its own, while the quotes of the source's present month are fresh. */
export async function poll({ harness, prices }: TestPlatform): Promise<void> {
  const bucketMs = 5 * 60_000;
  const scheduledTime = new Date(Date.parse(prices.state().at) + ++polls * bucketMs);
  await harness.getWorker("alerts").scheduled({ cron: "*/5 * * * *", scheduledTime });
}
