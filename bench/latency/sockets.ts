import { once } from "node:events";
import { ServerFrame, type ControlFrame } from "@souk/kit/realtime/frames";
import { REALTIME } from "@souk/kit/realtime/limits";
import { WebSocket } from "ws";
import { z } from "zod";

const Told = z.object({
  type: z.literal("notification"),
  notification: z.object({ data: z.object({ note: z.string().optional() }) }),
});
const HEARTBEAT = '{"type":"ping"}';

/** Opens a person's WebSocket by token and tells when each noted notification came, in milliseconds of the clock. */
export async function openSocket(
  url: string,
  token: string,
  arrived: (note: string, at: number) => void,
): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, {
    headers: { authorization: `Bearer ${token}` },
  });
  socket.on("message", (raw: Buffer) => {
    const at = Date.now();
    const frame = ServerFrame.parse(JSON.parse(raw.toString()));
    for (const single of frame.type === "batch" ? frame.frames : [frame]) {
      const told = Told.safeParse(single.type === "event" && single.data).data;
      if (told?.notification.data.note !== undefined) arrived(told.notification.data.note, at);
    }
  });
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "subscribe", channel: "inbox" } satisfies ControlFrame));
  const heartbeat = setInterval(() => socket.send(HEARTBEAT), REALTIME.heartbeatMs);
  socket.once("close", () => clearInterval(heartbeat));
  return socket;
}
