import { z } from "@hono/zod-openapi";

/**
 * A moment as a caller may write it (ISO 8601 with any offset), as the same moment in UTC. In UTC its year must have four digits and not be
 * 0: Postgres has no such year, and takes no offset beyond 16 hours.
 */
export const Instant = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .refine(
    (time) => time.getUTCFullYear() >= 1 && time.getUTCFullYear() <= 9999,
    "is no time between the years 1 and 9999",
  )
  .transform((time) => time.toISOString())
  .openapi({ type: "string", format: "date-time" });
