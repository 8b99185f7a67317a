import { z } from "@hono/zod-openapi";
import { Email, ProofPassword } from "./schemas.ts";

export const EmailChange = z.strictObject({ email: Email, password: ProofPassword }).openapi("EmailChange");
export type EmailChange = z.infer<typeof EmailChange>;

export const EmailChangeConfirmed = z.object({ confirmed: z.literal(true) }).openapi("EmailChangeConfirmed", {
  description: "The address changes when the other one has confirmed too",
});
export type EmailChangeConfirmed = z.infer<typeof EmailChangeConfirmed>;

export const Deactivated = z
  .object({ status: z.literal("deactivated") })
  .openapi("Deactivated", { description: "Logging in reactivates the account" });
export type Deactivated = z.infer<typeof Deactivated>;

export const Deletion = z
  .object({
    status: z.literal("deleting"),
    deleteAfter: z.iso.datetime().openapi({
      description: "Until then a log-in cancels the deletion; after it everything is erased",
    }),
  })
  .openapi("Deletion");
export type Deletion = z.infer<typeof Deletion>;

export const ExportAsked = z
  .object({ status: z.literal("preparing"), requestedAt: z.iso.datetime() })
  .openapi("ExportAsked");
export type ExportAsked = z.infer<typeof ExportAsked>;

const Rows = z.record(z.string(), z.array(z.unknown()));

export const PersonExport = z
  .object({
    status: z.enum(["preparing", "ready"]),
    requestedAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    data: z.record(z.string(), Rows).nullable().openapi({
      description:
        "Rows by service and table, the newest 5,000 of each; null until every service has answered",
    }),
  })
  .openapi("PersonExport");
export type PersonExport = z.infer<typeof PersonExport>;

export const Erasure = z
  .object({
    userId: z.uuid(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso
      .datetime()
      .nullable()
      .openapi({ description: "When the account itself went, last of all" }),
    services: z.record(z.string(), z.record(z.string(), z.int())).openapi({
      description: "Rows erased, by service and table",
      example: { users: { profiles: 1, preferences: 1 } },
    }),
  })
  .openapi("Erasure");
export type Erasure = z.infer<typeof Erasure>;

export const ErasurePath = z.object({ id: z.uuid() });
