import type { Socket } from "node:net";
import { SMTPServer } from "smtp-server";
import { freePort } from "../free-port.ts";
import { portError } from "../taken-port.ts";
import type { MailFault } from "./faults.ts";
import type { Mailbox } from "./mailbox.ts";

const MAX_MESSAGE_BYTES = 10 * 1024 * 1024;

export interface Smtp {
  port: number;
  close(): Promise<void>;
}

/** An SMTP reply that refuses. */
function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

/**
 * An SMTP server on 127.0.0.1 that takes every message into the mailbox: no login, no TLS, as `fault()` says at that moment.
 * @throws StartError when the port is taken
 */
export async function startSmtp(
  mailbox: Mailbox,
  fault: () => MailFault,
  wantedPort?: number,
): Promise<Smtp> {
  const port = wantedPort ?? (await freePort());
  const sockets = new Map<number | undefined, Socket>();
  const smtp = new SMTPServer({
    name: "localhost",
    banner: "Souk's local mail server",
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    size: MAX_MESSAGE_BYTES,
    rejectOversized: true,
    onConnect(session, done) {
      const { mode, delayMs } = fault();
      if (mode === "refuse") sockets.get(session.remotePort)?.destroy();
      if (mode === "late-greeting") setTimeout(done, delayMs).unref();
      else done();
    },
    onRcptTo({ address }, _session, done) {
      const { mode, to } = fault();
      const refused = mode === "reject-recipient" && (to === undefined || to === address);
      done(refused ? refusal(550, "No such mailbox") : null);
    },
    onData(stream, session, done) {
      const { mode } = fault();
      const cut = (): void => void sockets.get(session.remotePort)?.destroy();
      if (mode === "drop-during-data") return void stream.once("data", cut);
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        if (mode === "stall") return;
        if (mode === "temporary-failure") return done(refusal(451, "Try again later"));
        if (stream.sizeExceeded) return done();
        const { mailFrom, rcptTo } = session.envelope;
        const envelope = { from: mailFrom ? mailFrom.address : "", to: rcptTo.map(({ address }) => address) };
        const kept = mailbox.add(Buffer.concat(chunks), envelope);
        if (mode === "drop-after-data") void kept.finally(cut);
        else kept.then(() => done(), done);
      });
    },
  });
  smtp.server.on("connection", (socket) => {
    const key = socket.remotePort;
    sockets.set(
      key,
      socket.once("close", () => sockets.delete(key)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    smtp.once("error", (error) => reject(portError(error, port, "the mail server (SMTP)", "SOUK_PORT_SMTP")));
    smtp.listen(port, "127.0.0.1", resolve);
  });
  // A client that breaks off is its own affair.
  smtp.on("error", () => {});
  return {
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => smtp.close(resolve));
      for (const socket of sockets.values()) socket.destroy();
      await closed;
    },
  };
}
