import type { Context } from "@souk/kit/context";
import { requireAdmin } from "@souk/kit/route";
import { templateAnswer } from "../answers.ts";
import type { Env } from "../env.ts";
import type { EmailTemplate } from "../schemas.ts";
import type { TemplateName } from "../templates/catalogue.ts";
import { readNewestTemplates } from "../templates/newest-template.ts";

/** A template in its newest version. @throws AppError unauthorized, forbidden */
export async function readTemplate(context: Context<Env>, name: TemplateName): Promise<EmailTemplate> {
  requireAdmin(context);
  return templateAnswer(name, (await readNewestTemplates(context))[name]);
}
