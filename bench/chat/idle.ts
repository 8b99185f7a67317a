import { setTimeout as delay } from "node:timers/promises";
import { residentBytes } from "../measure/process.ts";
import type { Clients } from "./clients.ts";
import type { Chatter } from "./people.ts";
import type { Server } from "./servers.ts";

/** The runtime lets an object go that did nothing for ten seconds. */
const ASLEEP_AFTER_MS = 15_000;
const WOKEN = 50;
const WOKEN_WITHIN_MS = 10_000;

export interface Idle {
  bytesPerSocket: number;
  closed: number;
}

/** Memory of a server for each of many sockets that do nothing. They stay connected. */
async function memoryOf(
  clients: Clients,
  { url, dialect, pid }: Server,
  people: readonly Chatter[],
  settleMs: number,
): Promise<Idle> {
  const before = residentBytes(pid);
  await clients.join(
    people.map(({ id, headers }) => ({ url, dialect, room: dialect === "souk" ? "chat" : id, headers })),
  );
  await delay(settleMs);
  const bytesPerSocket = (residentBytes(pid) - before) / people.length;
  return { bytesPerSocket, closed: (await clients.idle()).closed };
}

/** Sockets of a peer, each person in a room of their own. */
export async function measureIdlePeer(
  clients: Clients,
  server: Server,
  people: readonly Chatter[],
): Promise<Idle> {
  const idle = await memoryOf(clients, server, people, 1_000);
  await clients.leave();
  return idle;
}

/**
 * The same of ours, each person with a hub of their own; and of how many hubs that something then happens to the memory was gone: they tell
 * their sockets where the channel is when they wake.
 */
export async function measureIdle(clients: Clients, server: Server, people: readonly Chatter[]) {
  const idle = await memoryOf(clients, server, people, ASLEEP_AFTER_MS);
  const touched = people.filter((_, n) => n % Math.ceil(people.length / WOKEN) === 0);
  for (const { headers } of touched) {
    const answer = await fetch(`${server.url}/api/v1/notifications/read-all`, { method: "PUT", headers });
    if (!answer.ok) throw new Error(`A hub was not woken: ${answer.status}`);
  }
  let woken = 0;
  for (const end = Date.now() + WOKEN_WITHIN_MS; woken < touched.length && Date.now() < end; await delay(50))
    ({ woken } = await clients.idle());
  await clients.leave();
  return { ...idle, touched: touched.length, woken };
}
