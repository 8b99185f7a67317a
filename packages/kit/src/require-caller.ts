import { z } from "zod";
import { AppError } from "./errors.ts";

const Props = z.object({ caller: z.string() });

/**
 * The Worker that calls, as the props of its binding name it: no caller can name itself (S1-SYNC-04).
 * @param allowed the row of the callee's table for this method
 * @throws AppError forbidden for everybody else, and for a binding that names nobody
 */
export function requireCaller(props: unknown, method: string, allowed: readonly string[]): string {
  const named = Props.safeParse(props);
  if (!named.success || !allowed.includes(named.data.caller))
    throw new AppError("forbidden", `This caller may not use ${method}.`);
  return named.data.caller;
}
