import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import type { Contact } from "@souk/kit/rpc";
import { and, eq, ne } from "drizzle-orm";
import type { Env } from "../env.ts";

/** A person's names and address, and whether they are asleep; null when there is no such account, or it is being erased. */
export async function readContact(context: Context<Env>, userId: string): Promise<Contact | null> {
  const [found] = await context.db
    .select({
      email: users.email,
      firstName: users.firstName,
      lastName: users.lastName,
      status: users.status,
    })
    .from(users)
    .where(and(eq(users.id, userId), ne(users.status, "erasing")));
  if (found === undefined) return null;
  const { status, ...contact } = found;
  const asleep = status === "deactivated" || status === "deleting";
  return { ...contact, ...(asleep && { asleep }) };
}
