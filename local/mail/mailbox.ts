import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Envelope, type Message, readMessage, withEnvelope } from "./message.ts";

// A long-lived development run must not fill the disk: the oldest are dropped.
const KEPT_MESSAGES = 1000;

/** The received messages, newest first, in memory and as `.eml` files in a folder. A file's name is when it was received, in ms, and chance. */
export class Mailbox {
  #dir: string;
  #messages: Message[];
  // Two messages of one millisecond must not change places over a restart.
  #lastMs = 0;

  private constructor(dir: string, messages: Message[]) {
    this.#dir = dir;
    this.#messages = messages;
  }

  /** Opens the mailbox in `dir` with the messages of earlier runs. */
  static async open(dir: string): Promise<Mailbox> {
    await mkdir(dir, { recursive: true });
    const ids = (await readdir(dir)).flatMap((file) => /^(\d{13}-[0-9a-f]{8})\.eml$/.exec(file)?.[1] ?? []);
    const messages = ids
      .toSorted()
      .toReversed()
      .map(async (id) => readMessage(id, receivedAt(id), await readFile(join(dir, `${id}.eml`))));
    return new Mailbox(dir, await Promise.all(messages));
  }

  async add(raw: Buffer, envelope: Envelope): Promise<void> {
    this.#lastMs = Math.max(Date.now(), this.#lastMs + 1);
    const id = `${this.#lastMs}-${randomBytes(4).toString("hex")}`;
    const stored = withEnvelope(raw, envelope);
    const message = await readMessage(id, receivedAt(id), stored);
    await writeFile(this.#file(id), stored, { mode: 0o600 });
    this.#messages.unshift(message);
    for (const old of this.#messages.splice(KEPT_MESSAGES)) await rm(this.#file(old.id), { force: true });
  }

  /** All messages, or those to one address, newest first. */
  list(to?: string): Message[] {
    const wanted = to?.toLowerCase();
    return this.#messages.filter(
      (message) => wanted === undefined || message.to.some((address) => address.toLowerCase() === wanted),
    );
  }

  get(id: string): Message | undefined {
    return this.#messages.find((message) => message.id === id);
  }

  async clear(): Promise<void> {
    for (const { id } of this.#messages.splice(0)) await rm(this.#file(id), { force: true });
  }

  #file(id: string): string {
    return join(this.#dir, `${id}.eml`);
  }
}

function receivedAt(id: string): Date {
  return new Date(Number(id.split("-")[0]));
}
