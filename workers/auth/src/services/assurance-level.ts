import type { Context } from "@souk/kit/context";
import { later, LIMITS } from "../limits.ts";

/** 2 for a day after a second factor was proved in the session, else 1. */
export const assuranceLevel = (context: Context, secondFactorAt: Date | null): 1 | 2 =>
  secondFactorAt !== null && later(secondFactorAt, LIMITS.assurance) > context.now() ? 2 : 1;
