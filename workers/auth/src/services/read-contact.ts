import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import type { Contact } from "@souk/kit/rpc";
import { and, eq, ne } from "drizzle-orm";
import type { Env } from "../env.ts";

/** A person's names and address; null when there is no such account, or it is being erased. */
export async function readContact(context: Context<Env>, userId: string): Promise<Contact | null> {
  const [contact] = await context.db
    .select({ email: users.email, firstName: users.firstName, lastName: users.lastName })
    .from(users)
    .where(and(eq(users.id, userId), ne(users.status, "erasing")));
  return contact ?? null;
}
