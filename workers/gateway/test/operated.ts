import { vi } from "vitest";
import { adminOf } from "./admin.ts";
import { tell } from "./domain-workers.ts";
import { newIsolates } from "./isolates.ts";
import { publish, signingKey } from "./tokens.ts";

let clock = Date.now();

/** Turns the clock of everything on. */
export const passSeconds = (seconds: number): unknown => vi.setSystemTime((clock += seconds * 1000));

let isolates: ReturnType<typeof newIsolates> | undefined;

/**
 * Two gateways and an admin, for one test: the clock stands still, long after the test before, so that nothing known then counts.
 * @param workers behind the gateway, which answer again
 */
export async function operated(...workers: Parameters<typeof tell>[0][]) {
  const [here, there] = await (isolates ??= newIsolates());
  vi.useFakeTimers({ toFake: ["Date"] });
  passSeconds(7200);
  const key = await signingKey(crypto.randomUUID());
  await publish(key);
  for (const worker of workers) await tell(worker, {});
  return { here, there, key, admin: await adminOf(key, here) };
}
