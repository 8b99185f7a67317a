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

/**
 * The version that a mail is made of: the newest, as known for a minute at most. An edited one that does not fit the code's variables
 * (any more) gives way to the built-in one, and the log says so.
 */
export async function newestTemplate(
  context: Context<Env>,
  name: TemplateName,
): Promise<Content & { version: number }> {
  const now = context.now();
  let versions = cache.get(ALL, now);
  if (versions === undefined) cache.set(ALL, (versions = await readNewestTemplates(context)), now);
  const newest = versions[name];
  const problems = checkContent(newest, TEMPLATES[name]);
  if (problems.length === 0) return newest;
  context.log.error("edited template does not fit, built-in used", {
    template: name,
    version: newest.version,
    problems,
  });
  return builtIn(name);
}
