import { join } from "node:path";
import { cpuSeconds, processTree, workerdOf } from "../measure/process.ts";
import { startChild } from "../system/child.ts";
import type { Souk } from "../system/souk.ts";
import type { DialectName } from "./clients/dialects.ts";

/** A server under test: where it is, how clients speak to it, and what it has used. */
export interface Server {
  name: string;
  dialect: DialectName;
  url: string;
  /** The one process that serves; its memory and CPU time count. */
  pid: number;
  cpuSeconds: () => number;
}

const serverOf = (name: string, dialect: DialectName, url: string, pid: number): Server => ({
  name,
  dialect,
  url,
  pid,
  cpuSeconds: () => cpuSeconds(processTree(pid)),
});

export const ours = (souk: Souk): Server => serverOf("Souk", "souk", souk.url, workerdOf(souk.pid));

/** Starts the servers that ours is compared with. They keep nothing. */
export async function startPeers(running: AsyncDisposableStack): Promise<Server[]> {
  const start = async (file: string) =>
    running.adopt(await startChild(join(import.meta.dirname, "peers", file), {}), (child) => child.stop());
  const [socketIo, ws] = [await start("socket-io.ts"), await start("plain-ws.ts")];
  return [
    serverOf("Socket.IO 4.8", "socket.io", socketIo.url, socketIo.pid),
    serverOf("plain ws", "ws", ws.url, ws.pid),
  ];
}
