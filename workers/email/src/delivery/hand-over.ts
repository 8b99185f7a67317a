import { stopwatch } from "@souk/db/stopwatch";
import type { Context } from "@souk/kit/context";
import type { Env } from "../env.ts";
import { batchMailer } from "./batch-mailer.ts";
import type { OutgoingMail, Outcome } from "./mailer.ts";

/** Hands a mail to the mail server, and keeps a span of it while there is a collector: of the server and its answer, not of the mail. */
export async function handOver({ env, spans }: Context<Env>, mail: OutgoingMail): Promise<Outcome> {
  const passed = stopwatch();
  const outcome = await batchMailer().send(mail);
  spans?.child({
    name: "SMTP send",
    kind: "client",
    ms: passed(),
    failed: outcome.outcome !== "sent",
    attributes: {
      "server.address": env.SMTP_HOST,
      "server.port": env.SMTP_PORT,
      "smtp.outcome": outcome.outcome,
      ...(outcome.responseCode !== null && { "smtp.response_code": outcome.responseCode }),
    },
  });
  return outcome;
}
