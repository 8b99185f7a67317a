import { connect, createServer, type Socket } from "node:net";

const UPGRADE = /^upgrade: *websocket\r$/im;

/** A TCP line to a server, which can be cut: what is open ends, and nothing new is let in until it is mended. */
export interface Line {
  port: number;
  cut: () => void;
  mend: () => void;
  /** From now on, as some proxies do, it ends a connection that asks for a WebSocket. */
  blockWebSockets: () => void;
  close: () => void;
}

export async function layLine(to: { hostname: string; port: string }): Promise<Line> {
  const open = new Set<Socket>();
  let whole = true;
  let blocks = false;
  const server = createServer((near) => {
    if (!whole) return near.destroy();
    const far = connect(Number(to.port), to.hostname);
    near.on("data", (sent: Buffer) => {
      if (blocks && UPGRADE.test(sent.toString("latin1"))) near.destroy();
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The line has no port");
  const cut = () => {
    whole = false;
    for (const socket of open) socket.destroy();
  };
  return {
    port: address.port,
    cut,
    mend: () => {
      whole = true;
    },
    blockWebSockets: () => {
      blocks = true;
    },
    close: () => {
      cut();
      server.close();
    },
  };
}
