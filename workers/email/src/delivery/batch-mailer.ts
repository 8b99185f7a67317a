import { AsyncLocalStorage } from "node:async_hooks";
import { parseEnv } from "@souk/kit/config";
import { Env } from "../env.ts";
import type { Mailer } from "./mailer.ts";
import { smtpMailer } from "./smtp.ts";

const mailers = new AsyncLocalStorage<Mailer>();

/**
 * Gives the mails of one batch a mailer in common, so that a connection to the mail server carries several of them: a greeting, TLS and
 * a login take longer than a mail. No further than the batch, since the platform ends connections with their invocation.
 * @param consume the `queue` handler
 */
export const withBatchMailer =
  <Batch, Invocation>(consume: (batch: Batch, env: object, invocation: Invocation) => Promise<void>) =>
  async (batch: Batch, env: object, invocation: Invocation): Promise<void> => {
    const mailer = smtpMailer(parseEnv(Env, env));
    try {
      await mailers.run(mailer, () => consume(batch, env, invocation));
    } finally {
      mailer.close();
    }
  };

/** The mailer of the batch that is being consumed. @throws Error outside of one */
export function batchMailer(): Mailer {
  const mailer = mailers.getStore();
  if (mailer === undefined) throw new Error("Mail is sent by a queue's batch only");
  return mailer;
}
