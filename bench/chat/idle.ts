import { setTimeout as delay } from "node:timers/promises";
import { mostFiles, openFiles, residentBytes } from "../measure/process.ts";
import type { Clients } from "./clients.ts";
import type { Chatter } from "./people.ts";
import type { Server } from "./servers.ts";

/** The runtime lets an object go that did nothing for ten seconds. */
const ASLEEP_AFTER_MS = 15_000;
const WOKEN = 50;
const WOKEN_WITHIN_MS = 10_000;

/** A person has a telephone and a computer. */
const DEVICES = 2;
const WANTED = 10_000;
/** What workerd keeps open: two for each WebSocket, three for each object that is awake (its hub and its quota), and what it started with. */
const FILES_PER_SOCKET = 2;
const FILES_PER_PERSON = 6;
const FILES_AWAKE = 4_000;
const PEOPLE_AT_ONCE = 250;

export interface Idle {
  bytesPerSocket: number;
  closed: number;
}

/** How many people with all their devices one process can serve here. */
export const idlePeople = (): number =>
  Math.floor(Math.min(WANTED, (mostFiles() - FILES_AWAKE) / FILES_PER_SOCKET) / DEVICES);

/** Opens the sockets of these people, not faster than the objects fall asleep whose files the process cannot have open at the same time. */
async function open(clients: Clients, { url, dialect, pid }: Server, people: readonly Chatter[]) {
  const ours = dialect === "souk";
  const files = (FILES_PER_SOCKET * DEVICES + FILES_PER_PERSON) * PEOPLE_AT_ONCE;
  for (let from = 0; from < people.length; from += PEOPLE_AT_ONCE) {
    while (openFiles(pid) + files > mostFiles()) await delay(500);
    const seats = people
      .slice(from, from + PEOPLE_AT_ONCE)
      .map(({ id, headers }) => ({ url, dialect, room: ours ? "chat" : id, headers }));
    for (let device = 0; device < DEVICES; device++) await clients.join(seats);
  }
}

/** Memory of a server for each of many sockets that do nothing. They stay connected. */
async function memoryOf(
  clients: Clients,
  server: Server,
  people: readonly Chatter[],
  settleMs: number,
): Promise<Idle> {
  const before = residentBytes(server.pid);
  await open(clients, server, people);
  await delay(settleMs);
  const bytesPerSocket = (residentBytes(server.pid) - before) / (people.length * DEVICES);
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
  // A hub may have slept between its person's first device and the second.
  const before = (await clients.idle()).woken;
  const touched = people.filter((_, n) => n % Math.ceil(people.length / WOKEN) === 0);
  for (const { headers } of touched) {
    const answer = await fetch(`${server.url}/api/v1/notifications/read-all`, { method: "PUT", headers });
    if (!answer.ok) throw new Error(`A hub was not woken: ${answer.status}`);
  }
  let woken = 0;
  for (const end = Date.now() + WOKEN_WITHIN_MS; woken < touched.length && Date.now() < end; await delay(50))
    woken = ((await clients.idle()).woken - before) / DEVICES;
  await clients.leave();
  return { ...idle, sockets: people.length * DEVICES, touched: touched.length, woken };
}
