import { z } from "@hono/zod-openapi";
import { ATTEMPT_OUTCOMES, EMAIL_STATUSES } from "@souk/db/schema/email";
import { pageOf, PageQuery } from "@souk/kit/pagination";
import { TEMPLATE_NAMES } from "./templates/catalogue.ts";

const TemplateNameSchema = z.enum(TEMPLATE_NAMES);

const parts = {
  subject: z
    .string()
    .min(1)
    .max(200)
    .openapi({ description: "One line of mustache", example: "Welcome to Souk, {{firstName}}" }),
  html: z.string().min(1).max(100_000).openapi({ description: "Mustache; variables are escaped" }),
  text: z.string().min(1).max(50_000).openapi({ description: "Mustache; says the same as the HTML" }),
};

export const EmailTemplate = z
  .object({
    name: TemplateNameSchema,
    description: z.string(),
    version: z.int().openapi({ description: "1 is the version in the code" }),
    ...parts,
    variables: z.array(z.string()).openapi({ description: "What may be filled in" }),
    required: z.array(z.string()).openapi({ description: "What `html` and `text` must both show" }),
    createdBy: z.uuid().nullable(),
    createdAt: z.iso.datetime().nullable(),
  })
  .openapi("EmailTemplate");
export type EmailTemplate = z.infer<typeof EmailTemplate>;

export const EmailTemplatePage = pageOf(EmailTemplate).openapi("EmailTemplatePage");
export type EmailTemplatePage = z.infer<typeof EmailTemplatePage>;
export const TemplatePath = z.object({ name: TemplateNameSchema });

export const EmailTemplateChange = z.strictObject(parts).openapi("EmailTemplateChange");
export type EmailTemplateChange = z.infer<typeof EmailTemplateChange>;

export const EmailTemplateDraft = z
  .strictObject(parts)
  .partial()
  .openapi("EmailTemplateDraft", { description: "Parts left out are those of the newest version" });
export type EmailTemplateDraft = z.infer<typeof EmailTemplateDraft>;

export const EmailPreview = z
  .object({ subject: z.string(), html: z.string(), text: z.string() })
  .openapi("EmailPreview");
export type EmailPreview = z.infer<typeof EmailPreview>;

const email = {
  id: z.uuid(),
  eventId: z.uuid().openapi({ description: "The event that asked for the mail" }),
  template: z.string(),
  templateVersion: z.int().nullable(),
  userId: z.uuid(),
  recipient: z.string().nullable(),
  subject: z.string().nullable(),
  messageId: z.string().openapi({ description: "The Message-ID, the same in every attempt" }),
  status: z.enum(EMAIL_STATUSES).openapi({
    description:
      "`claimed`: being sent, or waiting for the next try. `uncertain`: handed over, but the answer was lost; it is tried again with the " +
      "same Message-ID. `suppressed`: the person wants no such mail. `skipped`: nothing was left to say.",
  }),
  attemptCount: z.int(),
  lastError: z.string().nullable(),
  sentAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
};

export const EmailAttempt = z
  .object({
    id: z.uuid(),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
    outcome: z.enum(ATTEMPT_OUTCOMES).nullable(),
    responseCode: z.int().nullable(),
    errorCode: z.string().nullable(),
    errorText: z.string().nullable(),
  })
  .openapi("EmailAttempt");
export type EmailAttempt = z.infer<typeof EmailAttempt>;

export const Email = z.object(email).openapi("Email");
export type Email = z.infer<typeof Email>;
export const EmailPage = pageOf(Email).openapi("EmailPage");
export type EmailPage = z.infer<typeof EmailPage>;
export const EmailWithAttempts = z
  .object({ ...email, attempts: z.array(EmailAttempt) })
  .openapi("EmailWithAttempts");
export type EmailWithAttempts = z.infer<typeof EmailWithAttempts>;

export const EmailQuery = PageQuery.extend({
  status: z.enum(EMAIL_STATUSES).optional(),
  userId: z.uuid().optional(),
});
export type EmailQuery = z.infer<typeof EmailQuery>;
export const EmailPath = z.object({ id: z.uuid() });
