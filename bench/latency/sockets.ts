import { once } from "node:events";
import { WebSocket } from "ws";
import { z } from "zod";

const Frame = z.looseObject({
  type: z.string(),
  notification: z.looseObject({ data: z.looseObject({ note: z.string().optional() }) }).optional(),
});

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
    const note = Frame.parse(JSON.parse(raw.toString())).notification?.data.note;
    if (note !== undefined) arrived(note, at);
  });
  await once(socket, "open");
  return socket;
}
