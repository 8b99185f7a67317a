import { WebSocketServer, type WebSocket } from "ws";
import { z } from "zod";
import { messageOf, NewMessage } from "./message.ts";

const Frame = z.object({ id: z.number(), message: NewMessage });

/** Rooms over the bare WebSocket library: one text for all, made once. */
const rooms = new Map<string, Set<WebSocket>>();
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket, request) => {
  const room = new URL(request.url ?? "/", "http://peer").searchParams.get("room") ?? "";
  const members = rooms.get(room) ?? new Set();
  rooms.set(room, members.add(socket));
  const senderId = crypto.randomUUID();
  socket.on("close", () => members.delete(socket));
  socket.on("message", (raw: Buffer) => {
    const { id, message } = Frame.parse(JSON.parse(raw.toString()));
    const told = messageOf(room, senderId, message);
    const text = JSON.stringify({ message: told });
    for (const member of members) member.send(text);
    socket.send(JSON.stringify({ ack: id, data: told }));
  });
  socket.send("ready");
});
server.on("listening", () => {
  const { port } = z.object({ port: z.number() }).parse(server.address());
  process.send?.({ url: `http://127.0.0.1:${port}` });
});
