import { z } from "@hono/zod-openapi";

/** Whether each domain Worker answers, and how long it took in milliseconds. */
export const Readiness = z
  .object({
    ready: z.boolean(),
    checkedAt: z.iso.datetime(),
    workers: z.record(z.string(), z.object({ ready: z.boolean(), ms: z.number() })),
  })
  .openapi("Readiness");
export type Readiness = z.infer<typeof Readiness>;
