import type { Context } from "@souk/kit/context";
import { requireAdmin } from "@souk/kit/route";
import { templateAnswer } from "../answers.ts";
import type { Env } from "../env.ts";
import type { EmailTemplatePage } from "../schemas.ts";
import { TEMPLATE_NAMES } from "../templates/catalogue.ts";
import { readNewestTemplates } from "../templates/newest-template.ts";

/** Every template in its newest version, on one page. @throws AppError unauthorized, forbidden */
export async function listTemplates(context: Context<Env>): Promise<EmailTemplatePage> {
  requireAdmin(context);
  const newest = await readNewestTemplates(context);
  return { items: TEMPLATE_NAMES.map((name) => templateAnswer(name, newest[name])), nextCursor: null };
}
