import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import type { Env } from "../env.ts";
import type { Passkeys } from "../passkey-settings.ts";

/** Where passkeys count. @throws AppError not_found: the operator has not switched them on */
export function requirePasskeys({ env }: Context<Env>): Passkeys {
  if (env.PASSKEYS === null) throw new AppError("not_found", "There are no passkeys here.");
  return env.PASSKEYS;
}
