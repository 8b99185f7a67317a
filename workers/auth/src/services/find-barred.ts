import { users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { and, inArray } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Env } from "../env.ts";
import { notBanned } from "./not-banned.ts";

const person = alias(users, "person");

/** Those of some people who may do nothing now: they are banned, or have no account. */
export async function findBarred(context: Context<Env>, userIds: string[]): Promise<string[]> {
  const free = await context.db
    .select({ id: person.id })
    .from(person)
    .where(and(inArray(person.id, userIds), notBanned(context.now())));
  return userIds.filter((userId) => !free.some(({ id }) => id === userId));
}
