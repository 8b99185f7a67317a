/** Every password, token and address that the tests have made or been given so far: no log may show one. */
export const rememberedSecrets = new Set<string>();

/** Remembers the tokens and tickets in an answer of the API. */
export function rememberSecretsOf(answer: string): void {
  for (const [, secret] of answer.matchAll(
    /"(?:accessToken|refreshToken|deviceToken|challenge|flow|secret|ticket|key)":"([^"]+)"/g,
  ))
    if (secret !== undefined) rememberedSecrets.add(secret);
}
