import { z } from "@hono/zod-openapi";
import { CONTROL_LIMITS as LIMITS } from "../limits.ts";

const Maintenance = z
  .strictObject({
    covers: z
      .enum(["writes", "everything"])
      .openapi({ description: "`writes`: all methods but GET and HEAD" }),
    message: z.string().trim().min(1).max(200).openapi({ description: "Shown to every caller" }),
    retryAfter: z.int().min(1).max(86_400).openapi({ description: "Seconds" }),
  })
  .nullable()
  .openapi({
    description:
      "Refuses calls with 503. What the gateway answers itself and logging in stay open. Null: no maintenance",
  });

const ClosedRoutes = z
  .array(z.string().max(300))
  .max(LIMITS.closedRoutes)
  .openapi({ description: "Operations that are refused with 503", example: ["POST /api/v1/auth/register"] });

const Flags = z
  .record(z.string().regex(/^[a-z][a-z0-9-]{0,49}$/), z.int().min(0).max(100))
  .refine((flags) => Object.keys(flags).length <= LIMITS.flags, `may have at most ${LIMITS.flags}`)
  .openapi({
    description:
      "For how many of a hundred people each flag is on, by a hash of their id. Strangers have those that are on for all",
    example: { "new-checkout": 25 },
  });

/** A tier or a UUID. */
const WHOM = /^(authenticated|premium|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$/;

const Quota = z.strictObject({
  for: z.string().regex(WHOM).toLowerCase().openapi({
    description: "A tier, or the id of a person, which goes before their tier",
    example: "premium",
  }),
  limit: z.int().min(1).max(1_000_000).openapi({ description: "Requests a minute" }),
  until: z.iso.datetime().openapi({ description: "When the tier's own limit counts again" }),
});

const Quotas = z
  .array(Quota)
  .max(LIMITS.quotas)
  .refine((quotas) => new Set(quotas.map((quota) => quota.for)).size === quotas.length, "names one twice");

/** What operators set for all gateways at once. */
export const Settings = z.object({
  maintenance: Maintenance,
  closedRoutes: ClosedRoutes,
  flags: Flags,
  quotas: Quotas,
});
export type Settings = z.infer<typeof Settings>;

export const NO_SETTINGS: Settings = { maintenance: null, closedRoutes: [], flags: {}, quotas: [] };

const version = z.int().min(0).openapi({ description: "Counts changes" });

/** The settings as admins see them. */
export const Control = Settings.extend({
  version,
  changedAt: z.iso.datetime().nullable(),
  changedBy: z.uuid().nullable().openapi({ description: "Id of the admin who made the last change" }),
}).openapi("Control");
export type Control = z.infer<typeof Control>;

/** A change: each setting that is named is replaced as a whole. */
export const ControlChange = z
  .strictObject({
    version: version.openapi({ description: "The version that the change was made from" }),
    maintenance: Maintenance.optional(),
    closedRoutes: ClosedRoutes.optional(),
    flags: Flags.optional(),
    quotas: Quotas.optional(),
  })
  .openapi("ControlChange");
export type ControlChange = z.infer<typeof ControlChange>;
