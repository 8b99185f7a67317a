import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { requireAdmin } from "@souk/kit/route";
import type { Env } from "../env.ts";
import type { EmailPreview, EmailTemplateDraft } from "../schemas.ts";
import { TEMPLATES, type TemplateName } from "../templates/catalogue.ts";
import { checkContent } from "../templates/check-template.ts";
import { readNewestTemplates } from "../templates/newest-template.ts";
import { renderTemplate } from "../templates/render-template.ts";

/**
 * Renders a template with its sample data.
 * @param draft parts to use instead of the newest version's
 * @throws AppError unauthorized, forbidden, validation_failed
 */
export async function previewTemplate(
  context: Context<Env>,
  name: TemplateName,
  draft: EmailTemplateDraft,
): Promise<EmailPreview> {
  requireAdmin(context);
  const template = TEMPLATES[name];
  const newest = (await readNewestTemplates(context))[name];
  const content = {
    subject: draft.subject ?? newest.subject,
    html: draft.html ?? newest.html,
    text: draft.text ?? newest.text,
  };
  const details = checkContent(content, template);
  if (details.length > 0)
    throw new AppError("validation_failed", "Correct the parts named in `details`.", { details });
  return renderTemplate(name, content, template.sample);
}
