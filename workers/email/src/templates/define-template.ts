import { z } from "zod";

/** The three parts of a mail, as mustache templates or rendered. */
export interface Content {
  subject: string;
  html: string;
  text: string;
}

/** Line ends, other control characters, and marks that turn the direction of what follows. */
const NOT_IN_A_LINE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** One line of text, maybe a user's. What could start a new line or header, or hide what is read, becomes a space. */
export const line = z
  .string()
  .transform((text) => text.toWellFormed().replace(NOT_IN_A_LINE, " ").trim().slice(0, 500));

/** A line that may be absent; a section (`{{#note}}...{{/note}}`) shows what depends on it. */
export const optionalLine = line.nullable();

/** A web address. Normalised, so it holds no line end, space or quote. */
export const link = z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).href);

type Variable = typeof line | typeof optionalLine | typeof link;
type Shape = Readonly<Record<string, Variable>>;

/** A kind of mail: its first version, what may be filled in, and an example of it. */
export interface Template<S extends Shape = Shape> extends Content {
  description: string;
  variables: z.ZodObject<S, z.core.$strict>;
  /** Names that both parts must use, lest the mail be useless. */
  required: readonly (keyof S & string)[];
  sample: z.input<z.ZodObject<S, z.core.$strict>>;
}

/** Declares a template; `required` and `sample` are checked against its variables by the compiler. */
export const defineTemplate = <const S extends Shape>(
  template: Omit<Template<S>, "variables"> & { variables: S },
): Template<S> => ({ ...template, variables: z.strictObject(template.variables) });
