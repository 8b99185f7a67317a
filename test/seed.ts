/** Where the drawing of random schedules begins: of a seed all of them, or one by its path. */
export interface Start {
  seed: number;
  path?: string;
}

/** `SOAK_SEED` as a failure prints it, seed or seed:path; by default by chance. */
export function seedOf(text: string | undefined): Start {
  if (text === undefined) return { seed: Math.trunc(Math.random() * 2 ** 31) };
  const at = text.indexOf(":");
  return at === -1 ? { seed: Number(text) } : { seed: Number(text.slice(0, at)), path: text.slice(at + 1) };
}
