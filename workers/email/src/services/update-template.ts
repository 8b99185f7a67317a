import { brokenConstraint } from "@souk/db/client";
import { emailTemplates } from "@souk/db/schema/email";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireAdmin } from "@souk/kit/route";
import { eq, sql } from "drizzle-orm";
import { templateAnswer } from "../answers.ts";
import type { Env } from "../env.ts";
import type { EmailTemplate, EmailTemplateChange } from "../schemas.ts";
import { BUILT_IN_VERSION, TEMPLATES, type TemplateName } from "../templates/catalogue.ts";
import { checkContent } from "../templates/check-template.ts";
import { forgetTemplates } from "../templates/newest-template.ts";

/**
 * Makes a new version of a template, which mails use from then on (within a minute in every isolate).
 * @throws AppError unauthorized, forbidden, validation_failed, conflict when another admin made that version at the same moment
 */
export async function updateTemplate(
  context: Context<Env>,
  name: TemplateName,
  change: EmailTemplateChange,
): Promise<EmailTemplate> {
  const { userId } = requireAdmin(context);
  const details = checkContent(change, TEMPLATES[name]);
  if (details.length > 0)
    throw new AppError("validation_failed", "Correct the parts named in `details`.", { details });
  const { db } = context;
  const newest = db
    .select({ version: sql`coalesce(max(${emailTemplates.version}), ${BUILT_IN_VERSION}::int)` })
    .from(emailTemplates)
    .where(eq(emailTemplates.name, name));
  try {
    const [made] = await db
      .insert(emailTemplates)
      .values({
        id: context.newId(),
        name,
        version: sql`(${newest}) + 1`,
        ...change,
        createdBy: userId,
        createdAt: context.now(),
      })
      .returning();
    if (made === undefined) throw new Error("The new version was not returned");
    forgetTemplates();
    return templateAnswer(name, made);
  } catch (error) {
    if (brokenConstraint(error) !== "email_templates_name_version_key") throw error;
    throw new AppError("conflict", "Another version was made at the same moment. Read it, then decide.", {
      cause: error,
    });
  }
}
