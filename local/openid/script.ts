import { z } from "zod";

/** What the scripted provider answers to a code: the code is this, as JSON in base64url. */
export const Script = z.object({
  /** Makes each code another one: a code is good once. */
  id: z.string(),
  subject: z.string(),
  nonce: z.string().optional(),
  /** Of the authorization request; the token request must bring its verifier. */
  challenge: z.string().optional(),
  /** Laid over the claims of a sound ID token; null takes one away. */
  claims: z.record(z.string(), z.unknown()).default({}),
  /** How the ID token is signed: by a key that was published, or not; or it is not. */
  signed: z.enum(["sound", "stranger", "none", "secret", "nobody"]).default("sound"),
  /** Seconds since the ID token was issued; it is good for 300. */
  age: z.int().default(0),
  refreshToken: z.string().optional(),
  /** What the token endpoint does. */
  answer: z.enum(["tokens", "failure", "silence", "redirect", "flood", "page"]).default("tokens"),
});
export type Script = z.input<typeof Script>;

/** The code of a script. */
export const codeOf = (script: Script): string => Buffer.from(JSON.stringify(script)).toString("base64url");

/** The script of a code; undefined for any other text. */
export function scriptOf(code: string): z.output<typeof Script> | undefined {
  try {
    return Script.safeParse(JSON.parse(Buffer.from(code, "base64url").toString())).data;
  } catch {
    return undefined;
  }
}
