import { parseEnv } from "@souk/kit/config";
import { createContext, finish, type Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { describeError } from "@souk/kit/log";
import { takeToken, type Bucket } from "@souk/kit/realtime/token-bucket";
import { watchWork } from "@souk/kit/watch-work";
import { forgetArchived, isUnarchived } from "../conversation/archive.ts";
import {
  answerRequest,
  changeRole,
  invite,
  listMembers,
  mute,
  removeMember,
} from "../conversation/change-members.ts";
import { deleteMessage, editMessage, emptyMessage } from "../conversation/change-message.ts";
import { changeSettings, suspend } from "../conversation/change-settings.ts";
import { bindConversation, postNotice } from "../conversation/bind-conversation.ts";
import { block } from "../conversation/block.ts";
import { createConversation, type Founding, type NewMember } from "../conversation/create-conversation.ts";
import { enterRoom } from "../conversation/enter-room.ts";
import { expireMessages, nextExpiry } from "../conversation/expire-messages.ts";
import { originalOf, type Original } from "../conversation/forward-message.ts";
import { hideMessage } from "../conversation/hide-message.ts";
import { endHold, hold, showHold } from "../conversation/hold.ts";
import { listHeld } from "../conversation/keep-held.ts";
import { listEdits } from "../conversation/list-edits.ts";
import { listScheduled } from "../conversation/list-scheduled.ts";
import { listPins, pin, react } from "../conversation/mark-message.ts";
import { eraseMember } from "../conversation/erase-member.ts";
import { moveCursor } from "../conversation/move-cursor.ts";
import { answerOf, type Outcome, outcomeOf } from "../conversation/outcome.ts";
import { keepPublished } from "../conversation/publish.ts";
import { readHistory, type From } from "../conversation/read-history.ts";
import { remindLater } from "../conversation/remind.ts";
import {
  earlierMessage,
  requireWritable,
  sendMessage,
  type MessageIds,
} from "../conversation/send-message.ts";
import { saveDraft } from "../conversation/save-draft.ts";
import { rescheduleMessage, scheduleMessage } from "../conversation/schedule-message.ts";
import { showContext, type ReportContext } from "../conversation/show-context.ts";
import { showConversation, showOwn } from "../conversation/show.ts";
import { ConversationStore, type Act } from "../conversation/store.ts";
import type { MemberRole } from "../conversation/tables.ts";
import { forgetUnscheduled, unscheduleMessage } from "../conversation/unschedule.ts";
import { Env } from "../env.ts";
import { MESSAGE_BURST, MESSAGES_PER_SECOND } from "../limits.ts";
import type { Conversation as Shown, SettingsChange } from "../schemas/conversation.ts";
import type { HeldMessage, LegalHold } from "../schemas/legal-hold.ts";
import type { DraftChange, Member } from "../schemas/member.ts";
import type { EarlierText, Message, NewMessage, Receipt } from "../schemas/message.ts";
import type { NewScheduledMessage, ScheduledMessage, ScheduledMessageChange } from "../schemas/scheduled.ts";
import { Alarm } from "./alarm.ts";
import { Archivist } from "./archivist.ts";
import type { Sending, SendOutcome } from "./sender.ts";
import { RoomHost } from "./room-host.ts";
import { Room } from "./room.ts";
import { RoomConnection } from "./room-shard.ts";
import { Scheduler } from "./scheduler.ts";
import { Teller } from "./teller.ts";

/**
 * One conversation: its only writer. What a call answers is durable; the members' devices, the archive and the log are told afterwards,
 * and by the alarm when that fails.
 */
export class Conversation extends RoomHost {
  readonly #store: ConversationStore;
  readonly #alarm: Alarm;
  protected readonly room: Room;
  readonly #teller: Teller;
  readonly #archivist: Archivist;
  readonly #scheduler: Scheduler;
  /** How much each member may send now. Lost with the memory, which only forgives. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    this.#store = new ConversationStore(state.storage.sql);
    this.#store.upgrade();
    this.#alarm = new Alarm(state);
    this.room = new Room(state, () => this.#store.conversation().id, {
      typing: (act) => this.typing(act),
      read: (act, seq, eventId) => this.moveCursor(act, "read", seq, eventId),
      sendAll: async (batch) => {
        const outcomes = await this.sendAll(batch);
        // What comes meanwhile goes together with the next, in one commit.
        await state.storage.sync();
        return outcomes;
      },
    });
    this.#teller = new Teller(this.#store, this.room, (at) => this.#alarm.by(at));
    this.#archivist = new Archivist(this.#store);
    this.#scheduler = new Scheduler(
      this.#store,
      (work) => this.#inTransaction(work),
      (at) => this.#alarm.by(at),
    );
  }

  create(act: Act, founding: Founding): Promise<Outcome<{ conversation: Shown; made: boolean }>> {
    return this.#change((store) => createConversation(store, act, founding), act);
  }

  read(userId: string): Promise<Outcome<Shown>> {
    return outcomeOf(() => {
      const member = this.#store.reader(userId);
      return showConversation(this.#store, this.#store.conversation(), member);
    });
  }

  /** Sends a message. A repeat is answered with what is there and costs nothing. */
  send(act: Act, input: NewMessage, ids: MessageIds): Promise<SendOutcome> {
    return this.#sendOnce(act, input.clientMessageId, (store) => sendMessage(store, act, input, ids));
  }

  /** Sends a copy of a message from elsewhere. A repeat is answered with what is there, even where the original is not any more. */
  forward(
    act: Act,
    clientMessageId: string,
    original: Outcome<Original>,
    ids: MessageIds,
  ): Promise<SendOutcome> {
    return this.#sendOnce(act, clientMessageId, (store) => {
      const { text, attachments, origin } = answerOf(original);
      return sendMessage(store, act, { clientMessageId, text, attachments }, ids, origin);
    });
  }

  /** What of a message is forwarded. */
  original(userId: string, seq: number): Promise<Outcome<Original>> {
    return outcomeOf(() => originalOf(this.#store, userId, seq));
  }

  /** What came over sockets at the same time: each is taken or refused by itself, and all are stored in one commit. */
  sendAll(sendings: Sending[]): Promise<SendOutcome[]> {
    // Nothing is awaited before each has been written: the runtime commits what was written in one turn together.
    return Promise.all(sendings.map(({ act, input, ids }) => this.send(act, input, ids)));
  }

  edit(act: Act, seq: number, text: string): Promise<Outcome<Message>> {
    return this.#change((store) => editMessage(store, act, seq, text), act);
  }

  remove(act: Act, seq: number): Promise<Outcome<Message>> {
    return this.#change((store) => deleteMessage(store, act, seq), act);
  }

  /** Deletes a message for the member alone. */
  hide(act: Act, seq: number): Promise<Outcome<Message>> {
    return this.#change((store) => hideMessage(store, act, seq), act);
  }

  edits(userId: string, seq: number): Promise<Outcome<EarlierText[]>> {
    return outcomeOf(() => listEdits(this.#store, userId, seq));
  }

  react(act: Act, seq: number, reaction: { emoji: string; on: boolean }): Promise<Outcome<Message>> {
    return this.#change((store) => react(store, act, seq, reaction), act);
  }

  pin(act: Act, seq: number, on: boolean): Promise<Outcome<Message>> {
    return this.#change((store) => pin(store, act, seq, on), act);
  }

  pins(userId: string): Promise<Outcome<Message[]>> {
    return outcomeOf(() => listPins(this.#store, userId));
  }

  settings(act: Act, change: SettingsChange): Promise<Outcome<Shown>> {
    return this.#change((store) => changeSettings(store, act, change), act);
  }

  members(userId: string, after: string | null, limit: number): Promise<Outcome<Member[]>> {
    return outcomeOf(() => listMembers(this.#store, userId, after, limit));
  }

  invite(act: Act, people: NewMember[]): Promise<Outcome<Member[]>> {
    return this.#change((store) => invite(store, act, people), act);
  }

  answerRequest(act: Act, yes: boolean): Promise<Outcome<void>> {
    return this.#change((store) => answerRequest(store, act, yes), act);
  }

  changeRole(act: Act, userId: string, role: MemberRole): Promise<Outcome<Member>> {
    return this.#change((store) => changeRole(store, act, userId, role), act);
  }

  removeMember(act: Act, userId: string): Promise<Outcome<void>> {
    return this.#change((store) => removeMember(store, act, userId), act);
  }

  mute(act: Act, until: string | null): Promise<Outcome<Shown["me"]>> {
    return this.#change((store) => showOwn(mute(store, act, until)), act);
  }

  draft(act: Act, change: DraftChange): Promise<Outcome<Shown["me"]>> {
    return this.#change((store) => showOwn(saveDraft(store, act, change)), act);
  }

  /** Keeps a message that is to be sent later. */
  schedule(
    act: Act,
    input: NewScheduledMessage,
  ): Promise<Outcome<{ scheduled: ScheduledMessage; made: boolean }>> {
    return this.#change((store) => scheduleMessage(store, act, input), act);
  }

  reschedule(
    act: Act,
    clientMessageId: string,
    change: ScheduledMessageChange,
  ): Promise<Outcome<ScheduledMessage>> {
    return this.#change((store) => rescheduleMessage(store, act, clientMessageId, change), act);
  }

  unschedule(act: Act, clientMessageId: string): Promise<Outcome<void>> {
    return this.#change((store) => unscheduleMessage(store, act, clientMessageId), act);
  }

  waiting(userId: string): Promise<Outcome<ScheduledMessage[]>> {
    return outcomeOf(() => listScheduled(this.#store, userId));
  }

  /** A message with what stands around it, for a report. */
  context(userId: string, seq: number): Promise<Outcome<ReportContext>> {
    return outcomeOf(() => showContext(this.#store, userId, seq));
  }

  /** A moderator's doing. */
  moderate(at: string, what: { removeSeq: number } | "suspend"): Promise<Outcome<void>> {
    return this.#change((store) => {
      if (what === "suspend") suspend(store, at);
      else emptyMessage(store, at, what.removeSeq, "removed");
    });
  }

  /** Has what is taken away be kept from now on, for an admin. */
  hold(act: Act, reason: string): Promise<Outcome<LegalHold>> {
    return this.#change((store) => hold(store, act, reason));
  }

  legalHold(): Promise<Outcome<LegalHold>> {
    return outcomeOf(() => showHold(this.#store));
  }

  /** What was kept, in the order in which it was taken away, after one that is known; each with its number. */
  held(after: number, limit: number): Promise<Outcome<{ n: number; message: HeldMessage }[]>> {
    return outcomeOf(() => listHeld(this.#store, after, limit));
  }

  /** Ends the legal hold; what was kept goes. */
  endHold(at: string): Promise<Outcome<void>> {
    return this.#change((store) => endHold(store, at));
  }

  /** Makes the conversation about an object of another service, or brings in who is not there yet. */
  bind(at: string, founding: Founding): Promise<Outcome<void>> {
    return this.#change((store) => bindConversation(store, at, founding));
  }

  /** Writes a line of the system's, once for its key; returns its place. */
  notice(at: string, notice: { key: string; text: string }): Promise<Outcome<number>> {
    return this.#change((store) => postNotice(store, at, notice));
  }

  /** Takes a person out, and waits for an archive write that may still hold what they wrote. */
  async erase(userId: string, at: string): Promise<Outcome<void>> {
    const outcome = await this.#change((store) => eraseMember(store, userId, at));
    await this.#archivist.settled();
    return outcome;
  }

  history(userId: string, from: From, limit: number): Promise<Outcome<Message[]>> {
    return outcomeOf(() => readHistory(this.#store, userId, from, limit));
  }

  moveCursor(act: Act, which: "read" | "delivered", seq: number, eventId: string): Promise<Outcome<Receipt>> {
    return this.#change((store) => moveCursor(store, act, which, seq, eventId), act);
  }

  /** Tells the others that a member, who may write, is typing; nothing of it is kept. */
  typing(act: Act): Promise<Outcome<void>> {
    return outcomeOf(() => {
      requireWritable(this.#store, this.#store.active(act.userId));
      const context = this.#context(act.traceparent);
      this.ctx.waitUntil(
        watchWork(context, "Conversation.typing", () => this.#teller.tellTyping(context, act)),
      );
    });
  }

  /** The shard of the room on which the member's sockets are. */
  enterRoom(act: Act): Promise<Outcome<ReturnType<typeof enterRoom>>> {
    return outcomeOf(() => enterRoom(this.#store, act));
  }

  /**
   * Accepts a WebSocket, or a stream of server-sent events, that `openRoom` has authorised; 401 when its session has ended since, 404 when
   * its person takes no part any more.
   */
  override async fetch(request: Request): Promise<Response> {
    const { userId, sessionId, connectedAt } = RoomConnection.parse(
      JSON.parse(request.headers.get("x-connection") ?? "null"),
    );
    const entered = await outcomeOf(() => enterRoom(this.#store, { userId, at: connectedAt }));
    if ("refusal" in entered) return new Response(null, { status: 404 });
    const { visibleFrom } = entered.answer;
    return this.room.connect(request.headers, { userId, sessionId, connectedAt, visibleFrom });
  }

  /** Closes the sockets of an ended session in the room. */
  endSession(sessionId: string, cause?: string): Promise<Outcome<void>> {
    const context = this.#context(cause);
    return outcomeOf(() =>
      watchWork(context, "Conversation.endSession", () => this.#teller.endSession(context, sessionId)),
    );
  }

  block(act: Act, blocked: boolean): Promise<Outcome<void>> {
    return outcomeOf(() => block(this.#store, act, blocked));
  }

  /** Has the archive written anew, from the first row on. */
  rearchive(): Promise<Outcome<void>> {
    return this.#change((store) => forgetArchived(store));
  }

  /**
   * Sends what is due, which nothing else holds up, and tells devices what they have not been told; then writes the archive until it has seen
   * everything. What fails is tried again later.
   */
  override async alarm(): Promise<void> {
    this.#alarm.came();
    const context = this.#context();
    await watchWork(context, "Conversation.alarm", () => this.#catchUp(context));
    finish(context);
  }

  async #catchUp(context: Context<Env>): Promise<void> {
    await this.#scheduler.sendDue(context);
    await this.#teller.tell(context);
    try {
      if (this.#inTransaction((store) => expireMessages(store, context.now().toISOString())))
        await this.#teller.tell(context);
      await this.#teller.remindDue(context);
      await this.#archivist.write(context);
      keepPublished(this.#store);
      forgetUnscheduled(this.#store);
      await this.#teller.sleep(context);
      const expiry = nextExpiry(this.#store);
      if (expiry !== null) await this.#alarm.by(Math.max(expiry, context.now().getTime()));
    } catch (error) {
      const wait = this.#archivist.failed();
      context.log.error("archive not written", { waitMs: wait, error: describeError(error) });
      await this.#alarm.by(context.now().getTime() + wait);
    }
  }

  #sendOnce(
    act: Act,
    clientMessageId: string,
    write: (store: ConversationStore) => Message,
  ): Promise<SendOutcome> {
    return this.#change((store) => {
      const earlier = earlierMessage(store, store.reader(act.userId), clientMessageId);
      if (earlier !== undefined) return { message: earlier, made: false };
      this.#takeToken(act);
      remindLater(store, act.at);
      return { message: write(store), made: true };
    }, act);
  }

  /** One change, in one transaction with the alarm that will tell of it; devices are told at once. */
  #change<T>(work: (store: ConversationStore) => T, by?: Pick<Act, "traceparent">): Promise<Outcome<T>> {
    return outcomeOf(async () => {
      const answer = this.#inTransaction(work);
      if (!isUnarchived(this.#store)) return answer;
      const context = this.#context(by?.traceparent);
      await this.#alarm.by(this.#archivist.dueAt(context.now().getTime()));
      this.ctx.waitUntil(watchWork(context, "Conversation.tell", () => this.#teller.tell(context)));
      return answer;
    });
  }

  #inTransaction<T>(work: (store: ConversationStore) => T): T {
    try {
      return this.ctx.storage.transactionSync(() => work(this.#store));
    } catch (error) {
      this.#store.rolledBack();
      throw error;
    }
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

  #context(cause?: string): Context<Env> {
    return createContext(parseEnv(Env, this.env), {
      service: "chat",
      waitUntil: (work) => this.ctx.waitUntil(work),
      traceparent: cause,
    });
  }
}
