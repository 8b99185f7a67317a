import { passkeys } from "@souk/db/schema/auth-passkeys";
import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import { desc, eq } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { PasskeyList } from "../passkey-schemas.ts";
import { passkeyView } from "./passkey-view.ts";

/** The actor's passkeys, the newest first. @throws AppError unauthorized */
export async function listPasskeys(context: Context<Env>): Promise<PasskeyList> {
  const { userId } = requireActor(context);
  const rows = await context.db
    .select()
    .from(passkeys)
    .where(eq(passkeys.userId, userId))
    .orderBy(desc(passkeys.id));
  return { items: rows.map(passkeyView), nextCursor: null };
}
