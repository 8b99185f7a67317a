import type { Context } from "@souk/kit/context";
import {
  distrustArchive,
  isToRebuild,
  isUnregistered,
  markArchived,
  writeArchive,
} from "../conversation/archive.ts";
import { keepPublished } from "../conversation/publish.ts";
import type { ConversationStore } from "../conversation/store.ts";
import { readUnarchived } from "../conversation/unarchived.ts";
import type { Env } from "../env.ts";
import { ARCHIVE_PAUSE_MS, FIRST_RETRY_MS, LONGEST_ARCHIVE_PAUSE_MS, LONGEST_RETRY_MS } from "../limits.ts";
import { registerConversation } from "../services/register-conversation.ts";

/** Writes the archive of a conversation: one write at a time, rarer while there is something each time, and rarer while it fails. */
export class Archivist {
  readonly #store: ConversationStore;
  #running: Promise<void> | undefined;
  #writing: Promise<void> | undefined;
  #wroteAt = Number.NEGATIVE_INFINITY;
  /** How long after that it is written again: longer while it is written over and over. */
  #pauseMs = ARCHIVE_PAUSE_MS;
  #failures = 0;

  constructor(store: ConversationStore) {
    this.#store = store;
  }

  /**
   * Writes until the archive has seen everything; who comes meanwhile waits for the same.
   * @throws whatever registering or the database throws; `failed` says when to try again
   */
  write(context: Context<Env>): Promise<void> {
    this.#running ??= this.#writeAll(context).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** When what changed now is to be written, in milliseconds since 1970: at once after a pause. */
  dueAt(now: number): number {
    return Math.max(now, this.#wroteAt + this.#pauseMs);
  }

  /** Counts a failure. Returns after how many milliseconds to try again: more each time, until a write succeeds. */
  failed(): number {
    return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++);
  }

  /** Waits for a write that is under way; whether it succeeds is for `write` to say. */
  async settled(): Promise<void> {
    await this.#writing?.catch(() => {});
  }

  async #writeAll(context: Context<Env>): Promise<void> {
    if (isUnregistered(this.#store)) await registerConversation(context, this.#store.conversation().id);
    for (;;) {
      if (isToRebuild(this.#store)) await distrustArchive(context, this.#store);
      const batch = readUnarchived(this.#store);
      if (batch === null) break;
      this.#writing = writeArchive(context, batch);
      await this.#writing;
      markArchived(this.#store, batch);
      keepPublished(this.#store);
      this.#pauseFrom(context.now().getTime());
    }
    this.#failures = 0;
  }

  #pauseFrom(now: number): void {
    const wasQuiet = now - this.#wroteAt > 2 * LONGEST_ARCHIVE_PAUSE_MS;
    this.#pauseMs = wasQuiet ? ARCHIVE_PAUSE_MS : Math.min(LONGEST_ARCHIVE_PAUSE_MS, 2 * this.#pauseMs);
    this.#wroteAt = now;
  }
}
