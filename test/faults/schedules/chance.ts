/**
 * Puts numbers drawn from a seed where the Workers find chance: each schedule then draws the same ids and waits, however often it is played.
 * @returns a way to begin anew with another seed, and a way back to chance
 */
export function ruleChance(): { begin: (seed: number) => void; leave: () => void } {
  let state = 0;
  // Mulberry32: 32 bits of state, and no weakness that ids would show.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const { random } = Math;
  Math.random = () => next() / 2 ** 32;
  const drawn = {
    getRandomValues: <T extends ArrayBufferView>(array: T): T => {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      bytes.forEach((_, place) => (bytes[place] = next()));
      return array;
    },
    randomUUID: (): string => {
      const hex = Buffer.from(drawn.getRandomValues(new Uint8Array(16))).toString("hex");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
  Object.assign(crypto, drawn);
  return {
    begin: (seed) => void (state = seed),
    leave: () => {
      Math.random = random;
      for (const name of Object.keys(drawn)) Reflect.deleteProperty(crypto, name);
    },
  };
}
