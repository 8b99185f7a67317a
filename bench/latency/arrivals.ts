import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

const Mails = z.object({ items: z.array(z.object({ text: z.string(), receivedAt: z.iso.datetime() })) });
const NOTE = /note-\d+-\d+/;
const WITHIN_MS = 120_000;

/** When each noted notification arrived, by note, in milliseconds of the clock. */
export class Arrivals {
  readonly frames = new Map<string, number>();
  readonly mails = new Map<string, number>();
  readonly #inboxUrl: string;

  constructor(inboxUrl: string) {
    this.#inboxUrl = inboxUrl;
  }

  /**
   * Waits for the frame and the mail of each note, looking into the inbox every so often.
   * @throws Error after two minutes, with what is missing
   */
  async of(notes: readonly string[], everyMs: number): Promise<void> {
    const missing = () => ({
      frames: notes.filter((note) => !this.frames.has(note)).length,
      mails: notes.filter((note) => !this.mails.has(note)).length,
    });
    for (const end = Date.now() + WITHIN_MS; Date.now() < end; await delay(everyMs)) {
      await this.#readInbox();
      const { frames, mails } = missing();
      if (frames === 0 && mails === 0) return;
    }
    throw new Error(`Of ${notes.length} alerts did not arrive: ${JSON.stringify(missing())}`);
  }

  async #readInbox(): Promise<void> {
    const { items } = Mails.parse(await (await fetch(`${this.#inboxUrl}/api/messages`)).json());
    for (const { text, receivedAt } of items) {
      const note = NOTE.exec(text)?.[0];
      if (note !== undefined) this.mails.set(note, Date.parse(receivedAt));
    }
  }
}
