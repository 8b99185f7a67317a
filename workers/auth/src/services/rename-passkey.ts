import { passkeys } from "@souk/db/schema/auth-passkeys";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireActor } from "@souk/kit/route";
import { and, eq } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { Passkey, PasskeyChange } from "../passkey-schemas.ts";
import { passkeyView } from "./passkey-view.ts";

/** Gives one of the actor's passkeys another name. @throws AppError unauthorized; not_found: no such passkey, or another's */
export async function renamePasskey(
  context: Context<Env>,
  id: string,
  { name }: PasskeyChange,
): Promise<Passkey> {
  const { userId } = requireActor(context);
  const [renamed] = await context.db
    .update(passkeys)
    .set({ name, updatedAt: context.now() })
    .where(and(eq(passkeys.id, id), eq(passkeys.userId, userId)))
    .returning();
  if (renamed === undefined) throw new AppError("not_found", "You have no such passkey.");
  return passkeyView(renamed);
}
