import type { Souk } from "../client.ts";
import { SoukError } from "../souk-error.ts";
import { onWake } from "./on-wake.ts";
import type { RealtimeOptions } from "./options.ts";
import { Realtime } from "./realtime.ts";

const HUB = "/ws";
/** The same channels for where WebSockets are blocked. */
const streamOf = (path: string): string => `${path.replace(/^\/ws/, "/api/v1/realtime")}/events`;

/**
 * Connects to the hub of the person that the client is of, or to a room, and stays connected until it is closed, the session ends or the
 * server says not to come back.
 * @param souk gives the tickets
 * @param options.baseUrl where the API is, e.g. `https://api.example.com`
 * @param options.path `/ws`, unless it is a room's, e.g. `/ws/rooms/prices/XAU.USD`
 */
export const connectRealtime = (
  souk: Pick<Souk, "POST">,
  {
    baseUrl,
    path = HUB,
    ...options
  }: { baseUrl: string; path?: string } & Pick<RealtimeOptions, "onState" | "open">,
): Realtime =>
  new Realtime({
    ...options,
    url: new URL(path, baseUrl.replace(/^http/, "ws")).href,
    streamUrl: new URL(streamOf(path), baseUrl).href,
    onWake,
    ticket: async () => (await souk.POST("/api/v1/realtime/tickets")).data.ticket,
    isFinal: (error) => error instanceof SoukError && (error.status === 401 || error.status === 403),
  });
