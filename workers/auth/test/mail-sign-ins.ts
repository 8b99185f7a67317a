import { log } from "@souk/db/schema/events";
import type { Context } from "@souk/kit/context";
import { and, desc, eq } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../src/env.ts";
import { MailSignIn } from "../src/mail-sign-in-schemas.ts";
import { mintMailSignIn } from "../src/services/mint-mail-sign-in.ts";
import { contextAt, owner, post } from "./actions.ts";

/** Begins a sign-in by mail, and gives its flow. */
export async function flowOf(email: string): Promise<string> {
  const answer = await post("mail-sign-ins", { email });
  return MailSignIn.parse(await answer.json()).flow;
}

/** The ids of the sign-ins that a person was to be mailed about, the newest first. */
export async function askedMails(userId: string): Promise<string[]> {
  const rows = await owner
    .select({ data: log.data })
    .from(log)
    .where(and(eq(log.aggregateId, userId), eq(log.type, "mail_sign_in.requested")))
    .orderBy(desc(log.id));
  return rows.map(({ data }) => z.object({ mailSignInId: z.uuid() }).parse(data).mailSignInId);
}

/** What the newest mail to a person carries. */
export async function mailedTo(
  userId: string,
  context: Context<Env> = contextAt(),
): Promise<{ code: string; token: string }> {
  const [id = ""] = await askedMails(userId);
  const mail = await mintMailSignIn(context, id);
  if (mail === null) throw new Error("there is nothing to mail");
  return { code: mail.code, token: new URL(mail.url).hash.replace("#token=", "") };
}

/** Another code than this. */
export const wrong = (code: string): string =>
  code.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));
