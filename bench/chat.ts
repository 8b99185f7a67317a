import { beginGroup, beginPairs, catchUp } from "./chat/conversations.ts";
import { startClients } from "./chat/clients.ts";
import type { LoadPlan } from "./chat/clients/crowd.ts";
import { idlePeople, measureIdle, measureIdlePeer } from "./chat/idle.ts";
import { seedChatters } from "./chat/people.ts";
import { chatTable } from "./chat/report.ts";
import { loadServer, measureRoom } from "./chat/rooms.ts";
import { ours, startPeers } from "./chat/servers.ts";
import type { Table } from "./report/table.ts";
import { buildBundles } from "./system/bundles.ts";
import type { Databases } from "./system/database.ts";
import { benchEnvironment } from "./system/environment.ts";
import { startSouk } from "./system/souk.ts";

const DATABASE = "bench_chat";
const LARGE = 2_000;
const PAIRS = 1_000;
const ROUNDS = 3;
/** Quotas that nobody reaches here. */
const QUOTAS = JSON.stringify({ anonymous: 1, authenticated: 1_000_000_000, premium: 1_000_000_000 });

/** As fast as our limit of ten a second for each member lets them. */
const FULL: LoadPlan = { senders: 200, everyMs: 105, warmMs: 1_000, ms: 4_000 };
/** A message every 25 ms: each is delivered before the next is sent. */
const QUIET: LoadPlan = { senders: 30, everyMs: 750, warmMs: 500, ms: 3_000 };
const EACH_SECOND: LoadPlan = { senders: PAIRS, everyMs: 1_000, warmMs: 3_000, ms: 6_000 };
const BEHIND = 10_000;

/** Rooms, small conversations, idle sockets and catching up, against Socket.IO and plain ws with the same clients. */
export async function measureChat(databases: Databases): Promise<Table> {
  await using running = new AsyncDisposableStack();
  await databases.fresh(DATABASE);
  const { secrets, environments } = await benchEnvironment(databases, DATABASE);
  const generous = { ...environments, gateway: { ...environments["gateway"], QUOTAS } };
  const souk = running.adopt(
    await startSouk({ bundles: await buildBundles(), environments: generous }),
    (system) => system.stop(),
  );
  const owner = running.adopt(await databases.connect(DATABASE), (client) => client.end());
  const people = await seedChatters(owner, secrets, Math.max(LARGE, idlePeople()));
  const peers = await startPeers(running);
  const servers = [ours(souk), ...peers];
  const [us, socketIo] = servers;
  if (us === undefined || socketIo === undefined) throw new Error("There are three servers");
  const clients = running.adopt(await startClients(), (process) => process.stop());
  const { url } = us;
  const roomOf = async (size: number) => {
    const members = people.slice(0, size);
    return { id: await beginGroup(url, members), people: members };
  };

  // First, since a reminder of what was said in a room wakes hubs.
  const idlers = people.slice(0, idlePeople());
  const idle = await measureIdle(clients, us, idlers);
  const idlePeers = [];
  for (const peer of peers) idlePeers.push(await measureIdlePeer(clients, peer, idlers));

  const [small, middle, large] = [await roomOf(30), await roomOf(200), await roomOf(LARGE)];
  const quiet = await measureRoom(clients, servers, small, QUIET, ROUNDS);
  const full = await measureRoom(clients, servers, middle, FULL, ROUNDS);
  const sharded = await measureRoom(clients, servers, large, FULL, 1);
  const behind = await beginGroup(url, people.slice(0, 200));
  await clients.join(
    people.slice(0, 200).map(({ headers }) => ({ url, dialect: us.dialect, room: behind, headers })),
  );
  await clients.fill(BEHIND);
  await clients.leave();
  const [, reader = people[0]] = people;
  if (reader === undefined) throw new Error("There is nobody");
  const caughtUp = await catchUp(url, reader, behind);

  const two = people.slice(0, 2 * PAIRS);
  const ids = await beginPairs(url, two);
  const talk = async (server: typeof us) => {
    const isOurs = server === us;
    await clients.join(
      two.map(({ headers }, n) => ({
        url: server.url,
        dialect: server.dialect,
        room: isOurs ? "chat" : (ids[Math.floor(n / 2)] ?? ""),
        headers,
      })),
    );
    const posts = ids.flatMap((id, n) => {
      const sender = two[2 * n];
      return isOurs && sender
        ? [{ url: `${url}/api/v1/conversations/${id}/messages`, headers: sender.headers }]
        : [];
    });
    const found = await loadServer(clients, server, EACH_SECOND, 2, posts);
    await clients.leave();
    return found;
  };
  const pairs = [await talk(socketIo), await talk(us)];
  return chatTable({
    names: servers.map(({ name }) => name),
    quiet,
    full,
    sharded,
    idle,
    idlePeers,
    caughtUp,
    pairs,
  });
}
