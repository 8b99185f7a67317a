import { sessions, users } from "@souk/db/schema/auth";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { Identity, IdentityLink } from "../provider-schemas.ts";
import { addIdentity, unlessTaken } from "./add-identity.ts";
import { findProvider } from "./find-provider.ts";
import { liveSession } from "./live-session.ts";
import { proveIdentity } from "./prove-identity.ts";
import { tellLinked } from "./tell-identity.ts";

const Row = z.object({ id: z.uuid() });

/**
 * Links an identity to the actor's account, whose address may be another one; its owner gets a mail.
 * @throws AppError unauthorized when the session has ended; not_found: no such provider; invalid_authorization; email_not_verified when
 * the provider does not vouch for the address; conflict: it is somebody's already, or the actor has another of this provider; unavailable
 * when the provider fails
 */
export async function linkIdentity(context: Context<Env>, input: IdentityLink): Promise<Identity> {
  const { userId, sessionId } = requireActor(context);
  const identity = await proveIdentity(context, findProvider(context, input.provider), input, userId);
  const { provider, email } = identity;
  const live = and(eq(sessions.id, sessionId), eq(sessions.userId, userId), liveSession(context.now()));
  const result = await unlessTaken(
    context.db.execute(sql`
    WITH person AS (
      SELECT person.id FROM ${users} AS person JOIN ${sessions} ON ${sessions.userId} = person.id WHERE ${live} AND person.status = 'active'
    ), linked AS (
      ${addIdentity(context, identity, sql`person`)}
    ), ${tellLinked(context, provider, sql`linked`)}
    SELECT id FROM linked`),
  );
  if (result.broken !== null)
    throw new AppError(
      "conflict",
      `It is linked to an account already, or you have another identity of ${provider.name}.`,
    );
  const linked = Row.safeParse(result.rows[0]).data;
  if (linked === undefined) throw new AppError("unauthorized", "The session has ended. Log in again.");
  const now = context.now().toISOString();
  return { id: linked.id, provider: provider.id, email, createdAt: now, lastUsedAt: now };
}
