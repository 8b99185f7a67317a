import { createServer } from "node:http";
import { Server } from "socket.io";
import { z } from "zod";
import { messageOf, NewMessage } from "./message.ts";

const Asked = z.object({ room: z.string() });

/** Rooms of Socket.IO as its documentation shows them: a message goes to everybody in the room, then it is acknowledged. */
const http = createServer();
const io = new Server(http, { serveClient: false, transports: ["websocket"] });
io.on("connection", (socket) => {
  const { room } = Asked.parse(socket.handshake.query);
  void socket.join(room);
  socket.on("message", (raw: unknown, acknowledge: (message: object) => void) => {
    const message = messageOf(room, socket.id, NewMessage.parse(raw));
    io.to(room).emit("message", message);
    acknowledge(message);
  });
});
http.listen(0, "127.0.0.1", () => {
  const { port } = z.object({ port: z.number() }).parse(http.address());
  process.send?.({ url: `http://127.0.0.1:${port}` });
});
