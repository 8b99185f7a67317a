import type { Context } from "@souk/kit/context";
import { readCursor, writeCursor } from "@souk/kit/pagination";
import { callTimeout } from "@souk/kit/resilience";
import { requireAdmin } from "@souk/kit/route";
import { watchObject } from "@souk/kit/watch-object";
import { z } from "zod";
import type { Env } from "../env.ts";
import { REBUILT_AT_ONCE, REGISTERS } from "../limits.ts";
import type { Rebuild } from "../schemas/conversation.ts";
import { askConversation } from "./open-conversation.ts";

const Position = z.tuple([
  z
    .int()
    .min(0)
    .max(REGISTERS - 1),
  z.uuid().or(z.literal("")),
]);

/**
 * Has some conversations write the directory and the archive anew, from what their objects hold. They do so by themselves, within moments.
 * @param cursor of the answer before; undefined to begin
 * @throws AppError unauthorized, forbidden, invalid_cursor
 */
export async function rebuildArchive(context: Context<Env>, cursor: string | undefined): Promise<Rebuild> {
  requireAdmin(context);
  const [part, after] = cursor === undefined ? [0, ""] : readCursor(Position, cursor);
  const register = watchObject(context, "REGISTER", context.env.REGISTER.getByName(String(part)));
  const ids = await callTimeout.execute(() => register.list(after, REBUILT_AT_ONCE));
  for (const id of ids) await askConversation(context, id, (conversation) => conversation.rearchive());
  const last = ids.length < REBUILT_AT_ONCE ? undefined : ids.at(-1);
  const next = last === undefined ? ([part + 1, ""] as const) : ([part, last] as const);
  return { conversations: ids.length, nextCursor: next[0] < REGISTERS ? writeCursor(next) : null };
}
