import { z } from "@hono/zod-openapi";
import type { Context } from "./context.ts";

/** The body of `GET /health` (S4-HEALTH-01). `uptime` is the age of this isolate in seconds: Workers have no process. */
export const Health = z
  .object({
    status: z.literal("healthy"),
    timestamp: z.iso.datetime(),
    version: z.string(),
    uptime: z.number(),
  })
  .openapi("Health");

// workerd's clock stands at zero while modules load, so the first request starts it.
let startedAt: number | undefined;

/** This isolate's health. */
export function health(context: Context): z.infer<typeof Health> {
  const now = context.now();
  startedAt ??= now.getTime();
  return {
    status: "healthy",
    timestamp: now.toISOString(),
    version: context.env.VERSION,
    uptime: (now.getTime() - startedAt) / 1000,
  };
}
