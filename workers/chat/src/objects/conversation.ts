import { parseEnv } from "@souk/kit/config";
import { createContext, finish, type Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { describeError } from "@souk/kit/log";
import { takeToken, type Bucket } from "@souk/kit/realtime/token-bucket";
import { DurableObject } from "cloudflare:workers";
import { isUnarchived, markArchived, readUnarchived, writeArchive } from "../conversation/archive.ts";
import { block } from "../conversation/block.ts";
import { createConversation, type Founding } from "../conversation/create-conversation.ts";
import { moveCursor } from "../conversation/move-cursor.ts";
import { type Outcome, outcomeOf } from "../conversation/outcome.ts";
import { readHistory, type From } from "../conversation/read-history.ts";
import { earlierMessage, sendMessage, type MessageIds } from "../conversation/send-message.ts";
import { showConversation } from "../conversation/show.ts";
import { ConversationStore, type Act } from "../conversation/store.ts";
import { Env } from "../env.ts";
import { FIRST_RETRY_MS, LONGEST_RETRY_MS, MESSAGE_BURST, MESSAGES_PER_SECOND } from "../limits.ts";
import type { Conversation as Shown, Message, NewMessage, Receipt } from "../schemas.ts";

/**
 * One conversation: its only writer. What a call answers is durable; the archive, the log and the members' devices are told afterwards,
 * and by the alarm when that fails.
 */
export class Conversation extends DurableObject<object> {
  readonly #store: ConversationStore;
  /** How much each member may send now. Lost with the memory, which only forgives. */
  readonly #buckets = new Map<string, Bucket>();
  #failures = 0;

  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    this.#store = new ConversationStore(state.storage.sql);
  }

  create(act: Act, founding: Founding): Promise<Outcome<{ conversation: Shown; made: boolean }>> {
    return this.#change((store) => createConversation(store, act, founding));
  }

  read(userId: string): Promise<Outcome<Shown>> {
    return outcomeOf(() => {
      const member = this.#store.reader(userId);
      return showConversation(this.#store, this.#store.conversation(), member);
    });
  }

  /** Sends a message. A repeat is answered with what is there and costs nothing. */
  send(act: Act, input: NewMessage, ids: MessageIds): Promise<Outcome<{ message: Message; made: boolean }>> {
    return this.#change((store) => {
      store.reader(act.userId);
      const earlier = earlierMessage(store, act.userId, input.clientMessageId);
      if (earlier !== undefined) return { message: earlier, made: false };
      this.#takeToken(act);
      return { message: sendMessage(store, act, input, ids), made: true };
    });
  }

  history(userId: string, from: From, limit: number): Promise<Outcome<Message[]>> {
    return outcomeOf(() => readHistory(this.#store, userId, from, limit));
  }

  moveCursor(act: Act, which: "read" | "delivered", seq: number, eventId: string): Promise<Outcome<Receipt>> {
    return this.#change((store) => moveCursor(store, act, which, seq, eventId));
  }

  block(act: Act, blocked: boolean): Promise<Outcome<void>> {
    return outcomeOf(() => block(this.#store, act, blocked));
  }

  /** Writes the archive until it has seen everything; a failure is tried again later. */
  override async alarm(): Promise<void> {
    const context = this.#context();
    try {
      for (let batch = readUnarchived(this.#store); batch !== null; batch = readUnarchived(this.#store)) {
        await writeArchive(context, batch);
        markArchived(this.#store, batch);
      }
      this.#failures = 0;
    } catch (error) {
      const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++);
      context.log.error("archive not written", { waitMs: wait, error: describeError(error) });
      await this.ctx.storage.setAlarm(context.now().getTime() + wait);
    }
    finish(context);
  }

  /** One change, in one transaction with the alarm that will tell of it. */
  #change<T>(work: (store: ConversationStore) => T): Promise<Outcome<T>> {
    return outcomeOf(async () => {
      const answer = this.ctx.storage.transactionSync(() => work(this.#store));
      if (isUnarchived(this.#store)) await this.ctx.storage.setAlarm(this.#context().now());
      return answer;
    });
  }

  #takeToken({ userId, at }: Act): void {
    const rate = { perSecond: MESSAGES_PER_SECOND, burst: MESSAGE_BURST };
    const { bucket, allowed, retryAfter } = takeToken(this.#buckets.get(userId), rate, Date.parse(at));
    this.#buckets.set(userId, bucket);
    if (!allowed)
      throw new AppError("too_many_requests", "You send messages too fast.", {
        retryAfter: Math.ceil(retryAfter),
      });
  }

  #context(): Context<Env> {
    return createContext(parseEnv(Env, this.env), {
      service: "chat",
      waitUntil: (work) => this.ctx.waitUntil(work),
    });
  }
}
