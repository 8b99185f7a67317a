import {
  type ChatEvent,
  connectRealtime,
  type components,
  type Realtime,
  RealtimeError,
  type Souk,
  SoukError,
} from "@souk/client";
import { Draft, type KeptDraft } from "./draft.ts";
import { type Message, Messages } from "./messages.ts";
import { type Line, sentLine, type Waiting, waitingLine } from "./line.ts";
import { reached } from "./reached.ts";
import { Typing } from "./typing.ts";
import { WayOut } from "./way-out.ts";

type Member = components["schemas"]["ConversationMember"];

const PAGE = 50;

/** One conversation that is open: its messages, its members' cursors, and its room's socket, on which messages wait for a connection. */
export class Thread {
  readonly id: string;
  readonly #souk: Souk;
  readonly #myId: string;
  readonly #onChange: () => void;
  readonly #messages = new Messages();
  readonly #members = new Map<string, Member>();
  readonly #waiting = new Map<string, Waiting>();
  /** Of those that wait: what was lost on its way by HTTP, and is sent with the next connection. */
  readonly #stranded = new Set<string>();
  readonly draft: Draft;
  readonly #typing: Typing;
  readonly #room: Realtime;
  readonly #wayOut: WayOut;
  readonly #blocked: () => boolean;
  #hasOlder = false;
  #readSeq = 0;
  #left = false;

  /**
   * @param draft what I have begun to write in it, as far as that is known
   * @param blocked whether WebSockets are known to be blocked: then what is there is loaded at once, before the room's stream follows
   */
  constructor(
    souk: Souk,
    id: string,
    myId: string,
    draft: KeptDraft,
    onChange: () => void,
    blocked: () => boolean,
  ) {
    this.id = id;
    this.#souk = souk;
    this.#myId = myId;
    this.#onChange = () => {
      if (!this.#left) onChange();
    };
    const params = { path: { id } };
    const save = async (text: string) =>
      (await souk.PUT("/api/v1/conversations/{id}/draft", { params, body: { text } })).data.draft;
    this.draft = new Draft(save, draft, this.#onChange);
    this.#blocked = blocked;
    this.#typing = new Typing(() => this.#wayOut.typing(), this.#onChange);
    this.#room = connectRealtime(souk, { baseUrl: location.origin, path: `/ws/rooms/${id}` });
    this.#room.subscribe(`room.${id}`, {
      onSubscribed: ({ recovered }) => {
        if (!recovered) this.reload();
      },
      // The server keeps to its document, as its own tests show.
      onEvent: (data) => this.take(data as ChatEvent),
      onEphemeral: (data) => this.take(data as ChatEvent),
    });
    this.#wayOut = new WayOut(souk, id, this.#room, blocked);
    if (blocked()) this.reload();
  }

  get hasOlder(): boolean {
    return this.#hasOlder;
  }

  /** Who is typing. */
  get typing(): string[] {
    return this.#typing.others;
  }

  /** In their order; what waits comes last. */
  lines(): Line[] {
    const reachedBy = (seq: number) => reached(seq, this.#members.values(), this.#myId);
    return [
      ...this.#messages
        .all()
        .map((message) =>
          sentLine(
            message,
            this.#keyOf(message),
            message.senderId === this.#myId ? reachedBy(message.seq) : "",
          ),
        ),
      ...[...this.#waiting].map(([key, waiting]) => waitingLine(waiting, key, this.#myId)),
    ];
  }

  /** Sends a message, or sends one again that has failed. */
  async send(text: string, clientMessageId: string = crypto.randomUUID()): Promise<void> {
    const at = new Date().toISOString();
    this.#waiting.set(clientMessageId, { text, at, failed: undefined });
    this.#stranded.delete(clientMessageId);
    this.#typing.sent();
    this.draft.keep();
    this.#onChange();
    try {
      this.#put(await this.#wayOut.message({ clientMessageId, text }));
    } catch (error) {
      // Another attempt was faster.
      if (!this.#waiting.has(clientMessageId)) return;
      if (!(error instanceof SoukError || error instanceof RealtimeError))
        return void this.#stranded.add(clientMessageId);
      const failed = `not sent: ${error instanceof Error ? error.message : String(error)}`;
      this.#waiting.set(clientMessageId, { text, at, failed });
    }
    this.#onChange();
    if (this.#left) this.leave();
  }

  /** Sends again what could not be sent. */
  retry(clientMessageId: string): void {
    const failed = this.#waiting.get(clientMessageId);
    if (failed !== undefined) void this.send(failed.text, clientMessageId);
  }

  /** The hub is connected: what waits goes on by HTTP if it has to. */
  connected(): void {
    const blocked = this.#blocked();
    for (const [key, { text, failed }] of this.#waiting)
      if (this.#stranded.has(key) || (blocked && failed === undefined)) void this.send(text, key);
  }

  /** I am writing this. */
  write(text: string): void {
    this.#typing.tell();
    this.draft.write(text);
  }

  /** Deletes a message for me alone. @throws whatever asking throws */
  async hide(seq: number): Promise<void> {
    const params = { path: { id: this.id, seq } };
    await this.#souk.PUT("/api/v1/conversations/{id}/messages/{seq}/hidden", { params });
    this.#messages.hide(seq);
    this.#onChange();
  }

  /** Says that I have read all that is here. */
  read(): void {
    const seq = this.#messages.last;
    if (seq <= this.#readSeq) return;
    this.#readSeq = seq;
    void this.#wayOut.read(seq).catch(() => {});
  }

  async loadOlder(): Promise<void> {
    await this.#load(this.#messages.first);
  }

  /** Loads the newest messages and the members anew. What fails is loaded with the next connection. */
  reload(): void {
    void this.#load().catch(() => {});
    void this.#loadMembers().catch(() => {});
  }

  /** Takes what happened, told by the room, by the hub or by both. */
  take(event: ChatEvent): void {
    if (event.type === "message") {
      if (event.message.conversationId !== this.id || !this.#messages.covers(event.message.seq)) return;
      this.#put(event.message);
      this.#typing.stop(event.message.senderId);
    } else if (event.conversationId !== this.id) return;
    else if (event.type === "hidden") this.#messages.hide(event.seq);
    else if (event.type === "me") this.draft.take(event.me.draft);
    else if (event.type === "member") this.#members.set(event.member.userId, event.member);
    else if (event.type === "typing" && event.userId !== this.#myId) this.#typing.start(event.userId);
    this.#onChange();
  }

  /** Closes the socket, once nothing waits to be sent. Returns whether that is so already. */
  leave(): boolean {
    this.#left = true;
    this.draft.keep();
    const waits = [...this.#waiting.values()].some(({ failed }) => failed === undefined);
    if (!waits) this.#room.close();
    return !waits;
  }

  #keyOf(message: Message): string {
    return message.senderId === this.#myId && message.clientMessageId !== null
      ? message.clientMessageId
      : String(message.seq);
  }

  #put(message: Message): void {
    this.#messages.put(message);
    this.#waiting.delete(this.#keyOf(message));
  }

  async #load(before?: number): Promise<void> {
    const query = { limit: PAGE, ...(before !== undefined && { before }) };
    const { data } = await this.#souk.GET("/api/v1/conversations/{id}/messages", {
      params: { path: { id: this.id }, query },
    });
    const oldest = data.items.at(-1)?.seq ?? 0;
    // What lies before the newest page may have changed, and there may be a gap.
    if (before === undefined) this.#messages.forgetBefore(oldest);
    for (const message of data.items) this.#put(message);
    this.#hasOlder = data.nextCursor !== null;
    this.#onChange();
  }

  async #loadMembers(): Promise<void> {
    const { data } = await this.#souk.GET("/api/v1/conversations/{id}/members", {
      params: { path: { id: this.id }, query: { limit: 100 } },
    });
    for (const member of data.items) this.#members.set(member.userId, member);
    this.#onChange();
  }
}
