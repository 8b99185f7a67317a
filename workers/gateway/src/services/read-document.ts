import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { callTimeout } from "@souk/kit/resilience";
import { requireAdmin } from "@souk/kit/route";
import { Control } from "../control/settings.ts";
import type { Env } from "../env.ts";
import { controlOf } from "./control-of.ts";

/**
 * What operators have set, from the object itself.
 * @throws AppError unauthorized, forbidden; unavailable when the object does not answer
 */
export async function readDocument(context: Context<Env>): Promise<Control> {
  requireAdmin(context);
  try {
    return Control.parse(await callTimeout.execute(() => controlOf(context).document()));
  } catch (error) {
    throw new AppError("unavailable", "The settings cannot be read now.", { cause: error });
  }
}
