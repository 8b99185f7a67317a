import { emailChanges } from "@souk/db/schema/auth-account-life";
import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import type { Contact } from "@souk/kit/rpc";
import { and, eq, isNotNull, ne } from "drizzle-orm";
import type { Env } from "../env.ts";

/** A person's names and the address that they left with their last change; null when there is none, or they are being erased. */
export async function readFormerContact(context: Context<Env>, userId: string): Promise<Contact | null> {
  const [contact] = await context.db
    .select({ email: emailChanges.oldEmail, firstName: users.firstName, lastName: users.lastName })
    .from(emailChanges)
    .innerJoin(users, eq(users.id, emailChanges.userId))
    .where(and(eq(emailChanges.userId, userId), isNotNull(emailChanges.doneAt), ne(users.status, "erasing")));
  return contact ?? null;
}
