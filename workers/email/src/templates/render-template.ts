import Mustache from "mustache";
import { TEMPLATES, type TemplateName, type VariablesOf } from "./catalogue.ts";
import type { Content } from "./define-template.ts";

/** Each version's parts are parsed once: that takes longer than filling them in. */
const writers = new WeakMap<Content, InstanceType<typeof Mustache.Writer>>();

function writerOf(content: Content): InstanceType<typeof Mustache.Writer> {
  const writer = writers.get(content) ?? new Mustache.Writer();
  writers.set(content, writer);
  return writer;
}

const asItIs = { escape: (text: string) => text };

/**
 * A mail's parts with the variables filled in, escaped in HTML.
 * @param content any checked version of the template
 * @throws ZodError when a variable is missing, unknown or no link where one belongs
 */
export function renderTemplate<N extends TemplateName>(
  name: N,
  content: Content,
  variables: VariablesOf<N>,
): Content {
  const view = TEMPLATES[name].variables.parse(variables);
  const writer = writerOf(content);
  return {
    subject: writer.render(content.subject, view, undefined, asItIs),
    html: writer.render(content.html, view),
    text: writer.render(content.text, view, undefined, asItIs),
  };
}
