import { emailAttempts, emailLogs } from "@souk/db/schema/email";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireAdmin } from "@souk/kit/route";
import { asc, eq } from "drizzle-orm";
import { attemptAnswer, emailAnswer } from "../answers.ts";
import type { Env } from "../env.ts";
import type { EmailWithAttempts } from "../schemas.ts";

/** One mail with every attempt, oldest first. @throws AppError unauthorized, forbidden, not_found */
export async function readEmail(context: Context<Env>, id: string): Promise<EmailWithAttempts> {
  requireAdmin(context);
  const [[row], attempts] = await context.db.batch([
    context.db.select().from(emailLogs).where(eq(emailLogs.id, id)),
    context.db
      .select()
      .from(emailAttempts)
      .where(eq(emailAttempts.emailId, id))
      .orderBy(asc(emailAttempts.startedAt), asc(emailAttempts.id)),
  ]);
  if (row === undefined) throw new AppError("not_found", "There is no such mail.");
  return { ...emailAnswer(row), attempts: attempts.map(attemptAnswer) };
}
