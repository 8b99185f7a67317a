import { env } from "cloudflare:workers";
import { ACTOR_HEADER, Actor } from "@souk/kit/actor";
import type { KnownApiKey } from "@souk/kit/rpc";
import { z } from "zod";
import { Env } from "../src/env.ts";
import { WORKER_BINDINGS, WORKER_NAMES, type WorkerName } from "../src/workers.ts";

const bindings = Env.parse(env);

interface Behaviour {
  /** More headers of an echo. */
  headers?: Record<string, string>;
  /** `requests` leaves RPC calls answered; `hold` answers when it is told something else. */
  fail?: "throw" | "requests" | "hang" | "hold";
  /** Status of an echo. */
  status?: number;
  ready?: boolean;
  jwks?: object;
  /** Sessions that `auth` says have ended. */
  revoked?: string[];
  /** API keys that `auth` knows, by id. */
  apiKeys?: Record<string, KnownApiKey>;
}

/** Tells the stub of a domain Worker (test/stubs.ts) how to behave, and sets its count of requests to 0. */
export async function tell(worker: WorkerName, behaviour: Behaviour): Promise<void> {
  await bindings[WORKER_BINDINGS[worker]].fetch("https://control/", {
    method: "PUT",
    body: JSON.stringify(behaviour),
  });
}

/** How many requests reached a domain Worker since it was last told something. */
export async function requestsTo(worker: WorkerName): Promise<number> {
  const response = await bindings[WORKER_BINDINGS[worker]].fetch("https://control/");
  return z.object({ requests: z.int() }).parse(await response.json()).requests;
}

/** How many requests reached any of them. */
export const requestsToAny = async (): Promise<number> =>
  (await Promise.all(WORKER_NAMES.map(requestsTo))).reduce((sum, count) => sum + count, 0);

const Echo = z.object({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

/** The request as it arrived at a domain Worker. */
export const echoOf = async (response: Response): Promise<z.infer<typeof Echo>> =>
  Echo.parse(await response.json());

/** The actor that a domain Worker was told. */
export function actorIn(echo: { headers: Record<string, string> }): Actor | null {
  const header = echo.headers[ACTOR_HEADER];
  return header === undefined ? null : Actor.parse(JSON.parse(decodeURIComponent(header)));
}
