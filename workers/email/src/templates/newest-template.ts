import { emailTemplates } from "@souk/db/schema/email";
import type { Context } from "@souk/kit/context";
import { MemoryCache } from "@souk/kit/memory-cache";
import { desc } from "drizzle-orm";
import type { Env } from "../env.ts";
import { BUILT_IN_VERSION, TEMPLATE_NAMES, TEMPLATES, type TemplateName } from "./catalogue.ts";
import { checkContent } from "./check-template.ts";
import type { Content } from "./define-template.ts";

/** A version of a template; who made it is null for the one in the code. */
export interface TemplateVersion extends Content {
  version: number;
  createdBy: string | null;
  createdAt: Date | null;
}
type Versions = Record<TemplateName, TemplateVersion>;

const cache = new MemoryCache<Versions>(60_000, 1);
const ALL = "all";

const builtIn = (name: TemplateName): TemplateVersion => {
  const { subject, html, text } = TEMPLATES[name];
  return { version: BUILT_IN_VERSION, subject, html, text, createdBy: null, createdAt: null };
};

/** Makes this isolate read the templates again; others do within a minute. */
export function forgetTemplates(): void {
  cache.clear();
}

/** The newest version of each template, as stored now. */
export async function readNewestTemplates(context: Context<Env>): Promise<Versions> {
  const edited = await context.db
    .selectDistinctOn([emailTemplates.name])
    .from(emailTemplates)
    .orderBy(emailTemplates.name, desc(emailTemplates.version));
  const newest = (name: TemplateName) => edited.find((row) => row.name === name) ?? builtIn(name);
  return Object.fromEntries(TEMPLATE_NAMES.map((name) => [name, newest(name)])) as Versions;
}

/** Of each template the newest version that fits the code's variables: an edited one that does not (any more) gives way to the built-in one. */
async function readUsableTemplates(context: Context<Env>): Promise<Versions> {
  const versions = await readNewestTemplates(context);
  for (const name of TEMPLATE_NAMES) {
    const problems = checkContent(versions[name], TEMPLATES[name]);
    if (problems.length === 0) continue;
    context.log.error("edited template does not fit, built-in used", {
      template: name,
      version: versions[name].version,
      problems,
    });
    versions[name] = builtIn(name);
  }
  return versions;
}

/** The version that a mail is made of: the newest usable one, as known for a minute at most. */
export async function newestTemplate(
  context: Context<Env>,
  name: TemplateName,
): Promise<Content & { version: number }> {
  const now = context.now();
  let versions = cache.get(ALL, now);
  if (versions === undefined) cache.set(ALL, (versions = await readUsableTemplates(context)), now);
  return versions[name];
}
