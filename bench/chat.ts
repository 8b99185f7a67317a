import { beginGroup, beginPairs, catchUp } from "./chat/conversations.ts";
import { type Clients, startClients } from "./chat/clients.ts";
import type { LoadPlan } from "./chat/clients/crowd.ts";
import { idlePeople, measureIdle, measureIdlePeer } from "./chat/idle.ts";
import { type Chatter, seedChatters } from "./chat/people.ts";
import { chatTable } from "./chat/report.ts";
import { loadServer, type Measured, measureRoom } from "./chat/rooms.ts";
import { ours, type Server, startPeers } from "./chat/servers.ts";
import type { Table } from "./report/table.ts";
import { buildBundles } from "./system/bundles.ts";
import type { Databases } from "./system/database.ts";
import { benchEnvironment } from "./system/environment.ts";
import { startSouk } from "./system/souk.ts";

const DATABASE = "bench_chat";
const LARGE = 2_000;
/** The first is what one disk can follow here; the second is not. */
const PAIRS = [100, 1_000] as const;
const ROUNDS = 3;
/** Quotas that nobody reaches here. */
const QUOTAS = JSON.stringify({ anonymous: 1, authenticated: 1_000_000_000, premium: 1_000_000_000 });

/** As fast as our limit of ten a second for each member lets them. */
const FULL: LoadPlan = { senders: 200, everyMs: 105, warmMs: 1_000, ms: 4_000 };
/** A message every 25 ms: each is delivered before the next is sent. */
const QUIET: LoadPlan = { senders: 30, everyMs: 750, warmMs: 500, ms: 3_000 };
const EACH_SECOND = { everyMs: 1_000, warmMs: 3_000, ms: 6_000 };
const BEHIND = 10_000;

/** Rooms of three sizes, and a member who has much to catch up on. */
async function measureRooms(
  clients: Clients,
  us: Server,
  peers: readonly Server[],
  people: readonly Chatter[],
) {
  const servers = [us, ...peers];
  const roomOf = async (size: number) => {
    const members = people.slice(0, size);
    return { id: await beginGroup(us.url, members), people: members };
  };
  const [small, middle, large] = [await roomOf(30), await roomOf(200), await roomOf(LARGE)];
  const quiet = await measureRoom(clients, servers, small, QUIET, ROUNDS);
  const full = await measureRoom(clients, servers, middle, FULL, ROUNDS);
  const sharded = await measureRoom(clients, servers, large, FULL, 1);

  const { id, people: members } = await roomOf(200);
  await clients.join(members.map(({ headers }) => ({ ...us, room: id, headers })));
  await clients.fill(BEHIND);
  await clients.leave();
  const [, reader] = members;
  if (reader === undefined) throw new Error("There is nobody");
  return { quiet, full, sharded, caughtUp: await catchUp(us.url, reader, id) };
}

/** Conversations of two in which one writes each second. */
async function measurePairs(
  clients: Clients,
  server: Server,
  people: readonly Chatter[],
  ids: readonly string[],
): Promise<Measured> {
  const { url, dialect } = server;
  const isOurs = dialect === "souk";
  const rooms = people.map((_, n) => (isOurs ? "chat" : (ids[Math.floor(n / 2)] ?? "")));
  await clients.join(people.map(({ headers }, n) => ({ url, dialect, room: rooms[n] ?? "", headers })));
  const posts = ids.flatMap((id, n) => {
    const sender = people[2 * n];
    return isOurs && sender
      ? [{ url: `${url}/api/v1/conversations/${id}/messages`, headers: sender.headers }]
      : [];
  });
  const found = await loadServer(clients, server, { ...EACH_SECOND, senders: ids.length }, 2, posts);
  await clients.leave();
  return found;
}

/** Rooms, small conversations, idle sockets and catching up, against Socket.IO and plain ws with the same clients. */
export async function measureChat(databases: Databases): Promise<Table> {
  await using running = new AsyncDisposableStack();
  await databases.fresh(DATABASE);
  const { secrets, environments } = await benchEnvironment(databases, DATABASE);
  const generous = { ...environments, gateway: { ...environments["gateway"], QUOTAS } };
  const bundles = await buildBundles();
  /** Each part has a system that has served nobody: what one leaves behind would weigh on the next. */
  const fresh = async <T>(measure: (us: Server) => Promise<T>): Promise<T> => {
    const souk = await startSouk({ bundles, environments: generous });
    try {
      return await measure(ours(souk));
    } finally {
      await souk.stop();
    }
  };
  const owner = running.adopt(await databases.connect(DATABASE), (client) => client.end());
  const people = await seedChatters(owner, secrets, Math.max(LARGE, idlePeople()));
  const peers = await startPeers(running);
  const [socketIo] = peers;
  if (socketIo === undefined) throw new Error("There are two peers");
  const clients = running.adopt(await startClients(), (process) => process.stop());

  const idlers = people.slice(0, idlePeople());
  const idle = await fresh((us) => measureIdle(clients, us, idlers));
  const idlePeers = [];
  for (const peer of peers) idlePeers.push(await measureIdlePeer(clients, peer, idlers));
  const rooms = await fresh((us) => measureRooms(clients, us, peers, people));
  const pairs = [];
  for (const count of PAIRS) {
    const two = people.slice(0, 2 * count);
    const measured = await fresh(async (us) => {
      const ids = await beginPairs(us.url, two);
      const theirs = await measurePairs(clients, socketIo, two, ids);
      return { theirs, ours: await measurePairs(clients, us, two, ids) };
    });
    pairs.push({ count, ...measured });
  }
  return chatTable({ names: ["Souk", ...peers.map(({ name }) => name)], ...rooms, idle, idlePeers, pairs });
}
