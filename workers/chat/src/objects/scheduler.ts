import type { Context } from "@souk/kit/context";
import { AppError, appErrorOf } from "@souk/kit/errors";
import { describeError } from "@souk/kit/log";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import { findDue, keepFailed, nextDue, sendScheduled } from "../conversation/send-scheduled.ts";
import type { ConversationStore } from "../conversation/store.ts";
import type { Env } from "../env.ts";
import { FIRST_RETRY_MS, LONGEST_RETRY_MS } from "../limits.ts";

/** Sends what members wrote for later once it is due. The alarm brings it here, and is set for the next. */
export class Scheduler {
  readonly #store: ConversationStore;
  readonly #inTransaction: (work: (store: ConversationStore) => void) => void;
  readonly #setAlarm: (at: number) => Promise<void>;
  #failures = 0;

  constructor(
    store: ConversationStore,
    inTransaction: (work: (store: ConversationStore) => void) => void,
    setAlarm: (at: number) => Promise<void>,
  ) {
    this.#store = store;
    this.#inTransaction = inTransaction;
    this.#setAlarm = setAlarm;
  }

  /** Sends what is due now; what is refused is kept as that. Never throws: what goes wrong is tried again. */
  async sendDue(context: Context<Env>): Promise<void> {
    if (!this.#store.exists()) return;
    const now = context.now();
    const at = now.toISOString();
    try {
      const writers = new Set(findDue(this.#store, at).map(({ user_id }) => user_id));
      // Of a request the gateway knows it: here nobody has asked since it was written.
      const barred = writers.size === 0 ? [] : await this.#askBarred(context, [...writers]);
      this.#sendAll(context, at, writers, barred);
      const next = nextDue(this.#store);
      if (next !== null) await this.#setAlarm(Math.max(Date.parse(next), now.getTime()));
      this.#failures = 0;
    } catch (error) {
      context.log.error("scheduled messages not sent", { error: describeError(error) });
      const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++);
      await this.#setAlarm(now.getTime() + wait);
    }
  }

  #askBarred(context: Context<Env>, userIds: string[]): Promise<string[]> {
    return callTimeout.execute(() => context.env.AUTH.barred(userIds, traceparent(context.trace)));
  }

  /**
   * Each in a transaction of its own: nothing is awaited between, so that nobody changes what was found due.
   * @param writers of whom it is known whether they are barred; what others have due by now is for the next time
   */
  #sendAll(context: Context<Env>, at: string, writers: Set<string>, barred: string[]): void {
    for (const due of findDue(this.#store, at)) {
      if (!writers.has(due.user_id)) continue;
      const ids = { message: context.newId(), sent: context.newId(), shared: context.newId() };
      try {
        if (barred.includes(due.user_id)) throw new AppError("forbidden", "Its writer is banned.");
        this.#inTransaction((store) => sendScheduled(store, at, due, ids));
      } catch (error) {
        if (appErrorOf(error) === undefined)
          context.log.error("scheduled message not sent", { error: describeError(error) });
        this.#inTransaction((store) => keepFailed(store, at, due, error));
      }
    }
  }
}
