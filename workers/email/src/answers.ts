import type { emailAttempts, emailLogs } from "@souk/db/schema/email";
import type { Email, EmailAttempt, EmailTemplate } from "./schemas.ts";
import { TEMPLATES, type TemplateName } from "./templates/catalogue.ts";
import type { TemplateVersion } from "./templates/newest-template.ts";

/** A mail as the API shows it. */
export const emailAnswer = (row: typeof emailLogs.$inferSelect): Email => ({
  id: row.id,
  eventId: row.eventId,
  template: row.template,
  templateVersion: row.templateVersion,
  userId: row.userId,
  recipient: row.recipient,
  subject: row.subject,
  messageId: row.messageId,
  status: row.status,
  attemptCount: row.attempts,
  lastError: row.lastError,
  sentAt: row.sentAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

/** A try as the API shows it. */
export const attemptAnswer = (row: typeof emailAttempts.$inferSelect): EmailAttempt => ({
  id: row.id,
  startedAt: row.startedAt.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
  outcome: row.outcome,
  responseCode: row.responseCode,
  errorCode: row.errorCode,
  errorText: row.errorText,
});

/** A template as the API shows it. */
export const templateAnswer = (name: TemplateName, version: TemplateVersion): EmailTemplate => ({
  name,
  description: TEMPLATES[name].description,
  version: version.version,
  subject: version.subject,
  html: version.html,
  text: version.text,
  variables: Object.keys(TEMPLATES[name].variables.shape),
  required: [...TEMPLATES[name].required],
  createdBy: version.createdBy,
  createdAt: version.createdAt?.toISOString() ?? null,
});
