/** How much of the end of an id is kept, in bytes. Of a UUIDv7's last 8, 62 bits are random. */
const TAIL_BYTES = 8;

/** The last 16 hexadecimal digits of a UUID. */
const digitsOf = (id: string): string => id.slice(19, 23) + id.slice(24);

/** The ends of session ids in rising order: a fifth of the ids' text. */
export function sessionTails(ids: readonly string[]): Uint8Array<ArrayBuffer> {
  const tails = BigUint64Array.from(ids, (id) => BigInt(`0x${digitsOf(id)}`)).toSorted();
  const view = new DataView(new ArrayBuffer(tails.length * TAIL_BYTES));
  for (const [index, tail] of tails.entries()) view.setBigUint64(index * TAIL_BYTES, tail);
  return new Uint8Array(view.buffer);
}

/**
 * Looks session ids up by their ends. None that is there is missed. One that is not there is taken for one that is with a chance of
 * their number in 2^62, which is never: whoever it met would log in again.
 */
export class SessionTails {
  readonly #view: DataView;

  /** @param tails what `sessionTails` made */
  constructor(tails: Uint8Array) {
    this.#view = new DataView(tails.buffer, tails.byteOffset, tails.byteLength);
  }

  has(id: string): boolean {
    const digits = digitsOf(id);
    const high = Number.parseInt(digits.slice(0, 8), 16);
    const low = Number.parseInt(digits.slice(8), 16);
    let from = 0;
    let to = this.#view.byteLength / TAIL_BYTES;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const at = middle * TAIL_BYTES;
      const order = this.#view.getUint32(at) - high || this.#view.getUint32(at + 4) - low;
      if (order === 0) return true;
      if (order < 0) from = middle + 1;
      else to = middle;
    }
    return false;
  }
}
