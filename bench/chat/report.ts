import { mostFiles } from "../measure/process.ts";
import { shown, type Table } from "../report/table.ts";
import type { Idle } from "./idle.ts";
import { medianOf, type Measured } from "./rooms.ts";

/** What was measured; per server in the order of the names, ours first, then Socket.IO. */
export interface Found {
  names: readonly string[];
  quiet: Measured[][];
  full: Measured[][];
  sharded: Measured[][];
  idle: Idle & { sockets: number; touched: number; woken: number };
  idlePeers: Idle[];
  caughtUp: { messages: number; ms: number };
  /** So many conversations of two, with Socket.IO and with ours. */
  pairs: { count: number; theirs: Measured; ours: Measured }[];
}

const kilobytes = (bytes: number): string => `${shown(bytes / 1024)} KiB`;

/** A row for each server of one load, with medians of its rounds. */
const loadRows = (what: string, names: readonly string[], runs: Measured[][]): string[][] =>
  runs.map((rounds, n) => {
    const figure = (of: keyof Measured) => shown(medianOf(rounds, of));
    return [
      what,
      names[n] ?? "",
      figure("deliveriesPerSecond"),
      figure("messagesPerSecond"),
      figure("p50"),
      figure("p99"),
      figure("cpuMsPerMessage"),
      "",
    ];
  });

export function chatTable({ names, quiet, full, sharded, idle, idlePeers, caughtUp, pairs }: Found): Table {
  const compare = (runs: Measured[][], of: keyof Measured) =>
    medianOf(runs[0] ?? [], of) / medianOf(runs[1] ?? [], of);
  const all = [...quiet, ...full, ...sharded, ...pairs.map((pair) => [pair.theirs, pair.ours])].flat();
  const sum = (of: "missing" | "closed") => all.reduce((total, run) => total + run[of], 0);
  const rate = compare(full, "deliveriesPerSecond");
  const wait = compare(quiet, "p50");
  return {
    name: "chat",
    title: "Chat: rooms, small conversations and idle sockets",
    about: `The whole system against rooms of Socket.IO and of the bare \`ws\` library, with the same clients: WebSockets over raw TCP in a process of their own, each message a hundred characters, each delivery with the same fields. Ours has stored a message when it acknowledges it, and writes the archive and the event log meanwhile; the others store nothing. Rooms: clients send over their sockets, each the next message when the last one is acknowledged, but at most 9.5 a second, as our limit is 10. Quiet: 40 messages a second in all, in a room of 30. Conversations of two: one message a second each, ours sent by POST and delivered to both people's hubs. Idle sockets, rooms and either number of conversations each begin with a system of ours that has served nobody. CPU time is the server's own process: workerd or Node. Times are from send to delivery, of one client in 20.`,
    columns: [
      "What",
      "Server",
      "deliveries/s",
      "messages/s",
      "p50 ms",
      "p99 ms",
      "CPU ms/message",
      "memory/socket",
    ],
    rows: [
      ...loadRows("room of 200, full load", names, full),
      ...loadRows("room of 2,000, 200 sending", names, sharded),
      ...loadRows("room of 30, quiet", names, quiet),
      ...pairs.flatMap(({ count, ours, theirs }) =>
        loadRows(`${shown(count)} conversations of 2`, names, [[ours], [theirs]]),
      ),
      ...[idle, ...idlePeers].map(({ bytesPerSocket }, n) => [
        `${shown(idle.sockets)} idle sockets`,
        names[n] ?? "",
        ...Array.from({ length: 5 }, () => ""),
        kilobytes(bytesPerSocket),
      ]),
    ],
    judged: [
      {
        target: "room of 200: deliveries a second at least Socket.IO's (goal: twice)",
        figure: `${shown(rate)} times`,
        met: rate >= 1,
      },
      {
        target: "quiet room: p50 from send to delivery within 1.5 times Socket.IO's",
        figure: `${shown(wait)} times`,
        met: wait <= 1.5,
      },
      {
        target: "each acknowledged message reaches each socket once, and no socket is closed",
        figure: `${sum("missing")} missing, ${sum("closed")} closed`,
        met: sum("missing") === 0 && sum("closed") === 0,
      },
      ...pairs.map(({ count, ours, theirs }) => ({
        target: `${shown(count)} conversations of 2 keep up with a message a second each`,
        figure: `${shown(ours.messagesPerSecond)} a second, p99 ${shown(ours.p99 ?? Number.NaN)} ms; ${shown(ours.cpuMsPerMessage / theirs.cpuMsPerMessage)} times Socket.IO's CPU time a message`,
        met: ours.messagesPerSecond >= 0.95 * count,
      })),
      {
        target: `${shown(idle.sockets)} idle sockets, two of each person, stay open while their hubs sleep`,
        figure: `${idle.closed} closed; of ${idle.touched} hubs that were then asked something, ${shown(idle.woken)} had slept; ${kilobytes(idle.bytesPerSocket)} a socket`,
        met: idle.closed === 0 && idle.woken === idle.touched,
      },
      {
        target: "a member 10,000 messages behind reads them all, in pages of 100",
        figure: `${shown(caughtUp.messages)} messages in ${shown(caughtUp.ms)} ms`,
        met: caughtUp.messages >= 10_000,
      },
    ],
    leftOut: [
      `idle sockets: 10,000, or as many as one process may have open here: workerd opens two files for each, and three more for each object that is awake, and a process may open ${shown(mostFiles())}; on Cloudflare they are spread over machines`,
      "assets, TLS and the network",
      "the quota of requests a minute is set to what nobody reaches, and floods are counted in memory, as on Cloudflare: Miniflare would write each count to disk",
      "each object's commit waits for this machine's one disk, in the one thread in which all objects run here",
      "the CPU time of PostgreSQL and of the Neon stand-in, which share the machine with everything else",
      "the memory of sleeping hubs is what workerd on one machine keeps; Cloudflare's own is not to be seen from here",
      "the shards of a room share one thread here; Cloudflare spreads objects over machines",
      "Socket.IO and ws run without an adapter, login or history",
    ],
    plot: {
      unit: "deliveries a second, room of 200 under full load",
      bars: full.map((rounds, n) => ({
        label: names[n] ?? "",
        value: medianOf(rounds, "deliveriesPerSecond"),
      })),
    },
  };
}
