import { once } from "node:events";
import type { Socket } from "node:net";
import { SMTPServer } from "smtp-server";
import { freePort } from "../../../local/free-port.ts";
import { serve } from "../../../local/serve.ts";

const refusal = (responseCode: number): Error => Object.assign(new Error("No"), { responseCode });

/** The mood of `mood-anything@host`. */
const moodOf = (address: string | undefined): string => address?.split("-")[0] ?? "";

/**
 * A mail server whose temper is in the receiver's address: `later` 450, `never` 550 and `bye` 421 to RCPT; `busy` 451 to the message;
 * `gone` breaks off at RCPT, `weary` does so on a connection that took a mail before, `drop` after the message was kept; any other is
 * taken. A greeting is refused (554) as often as a `PUT` says, a `DELETE` ends all connections, and every answer tells what mails were
 * kept, each with the number of its connection.
 */
export async function startMoodyServer() {
  const sockets = new Map<number | undefined, { socket: Socket; number: number }>();
  const mails: { to: string; connection: number }[] = [];
  let connections = 0;
  let grudge = 0;
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    onConnect: (_session, done) => done(grudge-- > 0 ? refusal(554) : null),
    onRcptTo({ address }, session, done) {
      const connection = sockets.get(session.remotePort);
      const used = mails.some(({ connection: number }) => number === connection?.number);
      if (moodOf(address) === "gone" || (moodOf(address) === "weary" && used))
        return void connection?.socket.destroy();
      const codes: Record<string, number> = { later: 450, never: 550, bye: 421 };
      const code = codes[moodOf(address)];
      done(code === undefined ? null : refusal(code));
    },
    onData(stream, session, done) {
      const to = session.envelope.rcptTo[0]?.address ?? "";
      const mood = moodOf(to);
      const connection = sockets.get(session.remotePort);
      stream.resume().once("end", () => {
        if (mood === "busy") return done(refusal(451));
        mails.push({ to, connection: connection?.number ?? 0 });
        if (mood === "drop") connection?.socket.destroy();
        else done();
      });
    },
  });
  server.server.on("connection", (socket) => {
    const key = socket.remotePort;
    sockets.set(key, { socket: socket.once("close", () => sockets.delete(key)), number: ++connections });
  });
  // A client that breaks off is its own affair.
  server.on("error", () => {});
  const port = await freePort();
  await once(server.listen(port, "127.0.0.1"), "listening");
  const control = await serve(
    async (request) => {
      if (request.method === "PUT") grudge = Number(await request.text());
      if (request.method === "DELETE") for (const { socket } of sockets.values()) socket.destroy();
      return Response.json({ mails, open: sockets.size });
    },
    { purpose: "a test's mail server", variable: "" },
  );
  return {
    port,
    url: control.url,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(resolve));
      for (const { socket } of sockets.values()) socket.destroy();
      await Promise.all([closed, control.close()]);
    },
  };
}
