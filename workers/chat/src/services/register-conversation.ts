import type { Context } from "@souk/kit/context";
import { callTimeout } from "@souk/kit/resilience";
import { watchObject } from "@souk/kit/watch-object";
import type { Env } from "../env.ts";
import { REGISTERS } from "../limits.ts";

/** The part of the register in which a conversation stands: its last digits are as good as drawn by lot. */
const partOf = (id: string): string => String(Number.parseInt(id.slice(-4), 16) % REGISTERS);

/** Writes a conversation into the register; a repeat changes nothing. */
export async function registerConversation(context: Context<Env>, id: string): Promise<void> {
  const register = watchObject(context, "REGISTER", context.env.REGISTER.getByName(partOf(id)));
  await callTimeout.execute(() => register.add(id));
}
