import type { Context } from "@souk/kit/context";
import { requireActor } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { selectUnread } from "../queries/unread.ts";

/** How many of the caller's notifications are unread (S2-NOTIF-11). @throws AppError unauthorized */
export async function countUnread(context: Context<Env>): Promise<{ unread: number }> {
  const { userId } = requireActor(context);
  const [counted] = await selectUnread(context.db, userId);
  return { unread: counted?.unread ?? 0 };
}
