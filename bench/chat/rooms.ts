import { median } from "../measure/statistics.ts";
import type { Clients, Loaded } from "./clients.ts";
import type { LoadPlan, Post } from "./clients/crowd.ts";
import type { Chatter } from "./people.ts";
import type { Server } from "./servers.ts";

/** What a load did to a server. */
export interface Measured extends Loaded {
  cpuMsPerMessage: number;
}

/** A room's id, and who is in it. */
export interface Room {
  id: string;
  people: readonly Chatter[];
}

/** Loads a server whose clients are connected. */
export async function loadServer(
  clients: Clients,
  server: Server,
  plan: LoadPlan,
  reach: number,
  posts: readonly Post[] = [],
): Promise<Measured> {
  const before = server.cpuSeconds();
  const loaded = await clients.load(plan, reach, posts);
  const used = server.cpuSeconds() - before;
  return { ...loaded, cpuMsPerMessage: (1000 * used) / loaded.acknowledged };
}

/** Fills one room of a server, loads it and empties it. */
async function inRoom(clients: Clients, server: Server, { id, people }: Room, plan: LoadPlan) {
  const { url, dialect } = server;
  await clients.join(people.map(({ headers }) => ({ url, dialect, room: id, headers })));
  const measured = await loadServer(clients, server, plan, people.length);
  await clients.leave();
  return measured;
}

/** The same load in a room on each server in turn, in several rounds. */
export async function measureRoom(
  clients: Clients,
  servers: readonly Server[],
  room: Room,
  plan: LoadPlan,
  rounds: number,
): Promise<Measured[][]> {
  const found: Measured[][] = servers.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [n, server] of servers.entries()) found[n]?.push(await inRoom(clients, server, room, plan));
  return found;
}

export const medianOf = (runs: readonly Measured[], of: keyof Measured): number =>
  median(runs.map((run) => run[of] ?? Number.NaN));
