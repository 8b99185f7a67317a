import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { freePort } from "./free-port.ts";
import { portError } from "./taken-port.ts";

export interface ServeOptions {
  /** Port on 127.0.0.1; a free one when not given. */
  port?: number | undefined;
  /** What it is for, and the variable that chooses the port, for the message when it is taken. */
  purpose: string;
  variable: string;
}

export interface Served {
  url: string;
  port: number;
  /** Ends the server and cuts every open request. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Serves a Web-standard handler (a Hono app's `fetch`) on 127.0.0.1.
 * Only requests that name this machine as host are served, so no web page elsewhere can reach it by a renamed host.
 * @throws StartError when the port is taken
 */
export async function serve(
  handle: (request: Request) => Response | Promise<Response>,
  options: ServeOptions,
): Promise<Served> {
  const port = options.port ?? (await freePort());
  const server = createServer((incoming, outgoing) => {
    answer(handle, incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(portError(error, port, options.purpose, options.variable)));
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  handle: Parameters<typeof serve>[0],
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const base = `http://${incoming.headers.host ?? ""}`;
  const url = URL.parse(incoming.url ?? "/", base);
  if (!url || !["127.0.0.1", "localhost"].includes(url.hostname)) {
    outgoing.writeHead(421).end("This server answers to 127.0.0.1 and localhost only.\n");
    return;
  }
  const body = await readBody(incoming);
  if (body === undefined) {
    outgoing.writeHead(413, { connection: "close" }).end();
    return;
  }
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  const method = incoming.method ?? "GET";
  const withBody = body.length > 0 && method !== "GET" && method !== "HEAD";
  const response = await handle(new Request(url, { method, headers, ...(withBody ? { body } : {}) }));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

async function readBody(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Uint8Array.from(Buffer.concat(chunks));
}
