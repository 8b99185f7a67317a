import { z } from "zod";

/** What a token stands for: a test writes it as the widget would have been solved. */
export const Solved = z.object({
  id: z.string(),
  hostname: z.string(),
  action: z.string(),
  at: z.iso.datetime(),
});
type Solved = z.infer<typeof Solved>;

/** A token of a widget that was solved. */
export const captchaToken = (solved: Solved): string => btoa(JSON.stringify(solved));

/** What a token of ours stands for. */
export function solvedBy(token: string): Solved | undefined {
  try {
    return Solved.safeParse(JSON.parse(atob(token))).data;
  } catch {
    return undefined;
  }
}
