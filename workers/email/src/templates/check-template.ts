import type { FieldError } from "@souk/kit/errors";
import Mustache, { type TemplateSpans } from "mustache";
import { link, optionalLine, type Content, type Template } from "./define-template.ts";

type Span = TemplateSpans[number];
type Checked = Pick<Template, "variables" | "required">;

/** A tag of HTML, also one that is never closed. */
const TAG = /<(?:"[^"]*"|'[^']*'|[^>"'])*(?:>|$)/g;
const LINK_ATTRIBUTE = /href="\{\{([^{}]*)\}\}"/g;
const CODE = /<script|<style[^>]*>[^<]*\{\{/i;

function* spansOf(spans: TemplateSpans): Generator<Span> {
  for (const span of spans) {
    yield span;
    const [, , , , inner] = span;
    if (Array.isArray(inner)) yield* spansOf(inner);
  }
}

/** Names of the variables that a part shows; what it does wrong goes to `problem`. */
function variablesOf(part: string, template: Checked, problem: (message: string) => void): Set<string> {
  const shown = new Set<string>();
  let spans: TemplateSpans;
  try {
    spans = new Mustache.Writer().parse(part);
  } catch (error) {
    problem(error instanceof Error ? error.message : "is not a template");
    return shown;
  }
  const { shape } = template.variables;
  for (const [type, name] of spansOf(spans)) {
    if (type === "text" || type === "!") continue;
    const variable = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (type === ">" || type === "=") problem(`may not use {{${type} ...}}`);
    else if (type === "&") problem(`must show ${name} escaped, as {{${name}}}`);
    else if (variable === undefined) problem(`names the unknown variable ${name}`);
    else if (type === "name") shown.add(name);
    else if (variable !== optionalLine) problem(`has a section on ${name}, which is always there`);
  }
  return shown;
}

/** Inside a tag only a link may be filled in, as the whole of an href: a text there could add attributes. */
function checkTags(html: string, template: Checked, problem: (message: string) => void): void {
  for (const [tag] of html.matchAll(TAG)) {
    const rest = tag.replace(LINK_ATTRIBUTE, (attribute, name: string) =>
      template.variables.shape[name.trim()] === link ? "" : attribute,
    );
    if (rest.includes("{{")) problem('may fill in a tag only by a link: href="{{...}}"');
  }
  if (CODE.test(html)) problem("may not have scripts, nor variables in a style");
}

/**
 * What is wrong with a template's parts.
 * @param template what they may and must name
 * @returns one entry for each mistake, none when all is well
 */
export function checkContent(content: Content, template: Checked): FieldError[] {
  const problems: FieldError[] = [];
  for (const field of ["subject", "html", "text"] as const) {
    const problem = (message: string) => problems.push({ field, message });
    const shown = variablesOf(content[field], template, problem);
    if (field === "subject") continue;
    for (const name of template.required) if (!shown.has(name)) problem(`must show ${name}`);
  }
  checkTags(content.html, template, (message) => problems.push({ field: "html", message }));
  if (/[\r\n]/.test(content.subject)) problems.push({ field: "subject", message: "must be one line" });
  return problems;
}
