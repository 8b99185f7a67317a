import http from "node:http";
import { join } from "node:path";
import {
  createSingleProcessPrism,
  type CreateProxyServerOptions,
} from "@stoplight/prism-cli/dist/util/createServer.js";
import { freePort } from "../local/free-port.ts";

const DOCUMENT = join(import.meta.dirname, "..", "docs", "openapi.json");

/**
 * Prism in front of the platform: it hands everything on and says in the header `sl-violations` where an answer is not what the
 * document declares. It knows no other paths, and no WebSockets.
 * @returns its address
 */
export async function startProxy(upstream: URL): Promise<string> {
  // workerd closes an idle connection after 5 s, as long as Node's agent keeps one: a request that took it just then was lost.
  http.globalAgent = new http.Agent({ keepAlive: false });
  const port = await freePort();
  const options: CreateProxyServerOptions = {
    document: DOCUMENT,
    upstream,
    host: "127.0.0.1",
    port,
    errors: false,
    validateRequest: true,
    cors: false,
    multiprocess: false,
    verboseLevel: "silent",
    upstreamProxy: undefined,
    dynamic: false,
    ignoreExamples: true,
    seed: "",
    jsonSchemaFakerFillProperties: false,
  };
  await createSingleProcessPrism(options);
  return `http://127.0.0.1:${port}`;
}
