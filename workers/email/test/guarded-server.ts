import { once } from "node:events";
import { SMTPServer } from "smtp-server";
import { freePort } from "../../../local/free-port.ts";

export const LOGIN = { user: "souk", password: "pässwörd" };

/**
 * A mail server as in production: it takes mail over TLS after a login, and no other.
 * @param pem its certificate and key
 */
export async function startGuardedServer(pem: string, implicit: boolean) {
  const server = new SMTPServer({
    secure: implicit,
    key: pem,
    cert: pem,
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, done) =>
      username === LOGIN.user && password === LOGIN.password
        ? done(null, { user: username })
        : done(new Error("wrong login")),
    onMailFrom: (_address, session, done) =>
      done(session.secure && session.user === LOGIN.user ? null : new Error("not secure")),
    onData: (stream, _session, done) => void stream.resume().once("end", done),
  });
  // A client that breaks off is its own affair.
  server.on("error", () => {});
  const port = await freePort();
  const listener = server.listen(port, "127.0.0.1");
  await once(listener, "listening");
  return { port, close: () => new Promise<void>((resolve) => server.close(resolve)) };
}
