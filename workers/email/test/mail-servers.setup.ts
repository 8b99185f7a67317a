import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { freePort } from "../../../local/free-port.ts";
import { startMail } from "../../../local/mail/server.ts";
import { localCertificateFile } from "./certificate.ts";
import { LOGIN, startGuardedServer } from "./guarded-server.ts";
import { startMoodyServer } from "./moody-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    mail: {
      /** A mail server that always takes mail, and one that the tests of a single file may break; `inbox` is its HTTP side. */
      sound: { port: number; inbox: string };
      faulty: { port: number; inbox: string };
      /** A port that accepts connections and says nothing. */
      silentPort: number;
      /** Mail servers that demand TLS and a login. */
      guarded: { starttlsPort: number; implicitPort: number; user: string; password: string };
      /** One that refuses and breaks off by the receiver's address; `url` tells which connection took which mail. */
      moody: { port: number; url: string };
    };
  }
}

/** Real mail servers beside workerd, for the tests of this Worker. */
export default async function setup(project: TestProject) {
  const dir = join(import.meta.dirname, `../../../.local/mail-${process.pid}`);
  const start = async (name: string) => {
    mkdirSync(join(dir, name), { recursive: true });
    const mail = await startMail({ dir: join(dir, name) });
    return { mail, provided: { port: mail.smtpPort, inbox: mail.url } };
  };
  const [sound, faulty] = await Promise.all([start("sound"), start("faulty")]);
  const silent = createServer(() => {});
  const silentPort = await freePort();
  silent.listen(silentPort, "127.0.0.1");
  await once(silent, "listening");
  const tls = readFileSync(localCertificateFile(), "utf8");
  const [starttls, implicit, moody] = await Promise.all([
    startGuardedServer(tls, false),
    startGuardedServer(tls, true),
    startMoodyServer(),
  ]);
  const guarded = { starttlsPort: starttls.port, implicitPort: implicit.port, ...LOGIN };
  project.provide("mail", {
    sound: sound.provided,
    faulty: faulty.provided,
    silentPort,
    guarded,
    moody: { port: moody.port, url: moody.url },
  });
  return async () => {
    silent.close();
    await Promise.all([
      sound.mail.close(),
      faulty.mail.close(),
      starttls.close(),
      implicit.close(),
      moody.close(),
    ]);
    rmSync(dir, { recursive: true, force: true });
  };
}
