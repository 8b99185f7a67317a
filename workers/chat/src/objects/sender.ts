import type { MessageIds } from "../conversation/send-message.ts";
import type { Outcome } from "../conversation/outcome.ts";
import type { Act } from "../conversation/store.ts";
import { SENT_AT_ONCE } from "../limits.ts";
import type { Message, NewMessage } from "../schemas/message.ts";

/** A message on its way to its conversation. */
export interface Sending {
  act: Act;
  input: NewMessage;
  ids: MessageIds;
}

export type SendOutcome = Outcome<{ message: Message; made: boolean }>;

/**
 * Brings what comes over a room's sockets to the conversation, in order and one call at a time: what comes meanwhile goes together with the
 * next. So nothing waits where it is quiet, and a busy room pays for the call and the commit and not for each message.
 */
export class Sender {
  readonly #sendAll: (batch: Sending[]) => Promise<SendOutcome[]>;
  #waiting: { sending: Sending; answer: PromiseWithResolvers<SendOutcome> }[] = [];
  #running = false;

  /** @param sendAll gives one outcome for each, in their order */
  constructor(sendAll: (batch: Sending[]) => Promise<SendOutcome[]>) {
    this.#sendAll = sendAll;
  }

  /** @throws whatever the call throws; whether the message was taken is then open, and a repeat harmless */
  send(sending: Sending): Promise<SendOutcome> {
    const answer = Promise.withResolvers<SendOutcome>();
    this.#waiting.push({ sending, answer });
    if (!this.#running) void this.#run();
    return answer.promise;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, SENT_AT_ONCE);
      try {
        const outcomes = await this.#sendAll(batch.map(({ sending }) => sending));
        for (const [n, { answer }] of batch.entries()) {
          const outcome = outcomes[n];
          if (outcome === undefined) answer.reject(new Error("A message has no answer"));
          else answer.resolve(outcome);
        }
      } catch (error) {
        for (const { answer } of batch) answer.reject(error);
      }
    }
    this.#running = false;
  }
}
