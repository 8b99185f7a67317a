import type { ChatEvent, components, Souk } from "@souk/client";

export type Conversation = components["schemas"]["ListedConversation"];

const PAGE = 50;

/** My conversations, as the server listed them and as its events have changed them since. */
export class Conversations {
  readonly #souk: Souk;
  readonly #myId: string;
  readonly #onChange: () => void;
  readonly #all = new Map<string, Conversation>();

  constructor(souk: Souk, myId: string, onChange: () => void) {
    this.#souk = souk;
    this.#myId = myId;
    this.#onChange = onChange;
  }

  get(id: string): Conversation | undefined {
    return this.#all.get(id);
  }

  /** The one with the latest activity first. */
  inOrder(): Conversation[] {
    return [...this.#all.values()].sort(
      (a, b) => Date.parse(b.lastActivityAt) - Date.parse(a.lastActivityAt) || (a.id < b.id ? 1 : -1),
    );
  }

  /** Loads the latest. Where events were faster than the list, what they told stays. */
  async load(): Promise<void> {
    const { data } = await this.#souk.GET("/api/v1/conversations", { params: { query: { limit: PAGE } } });
    for (const listed of data.items)
      if ((this.#all.get(listed.id)?.lastSeq ?? -1) <= listed.lastSeq) this.#put(listed);
    this.#onChange();
  }

  /** Begins a conversation with somebody, or finds the one that is there. */
  async begin(userId: string): Promise<Conversation> {
    const { data } = await this.#souk.POST("/api/v1/conversations", {
      body: { kind: "direct", peerId: userId },
    });
    this.#put(data);
    this.#onChange();
    return data;
  }

  /** Takes what happened. */
  take(event: ChatEvent): void {
    const id = event.type === "message" ? event.message.conversationId : event.conversationId;
    const known = this.#all.get(id);
    if (event.type === "typing" || event.type === "member" || event.type === "scheduled") return;
    if (known === undefined) return void this.#fetch(id);
    if (event.type === "me") {
      if (event.me.status === "active") this.#put({ ...known, me: event.me, unread: event.unread });
      else this.#all.delete(id);
    } else if (event.type === "conversation") {
      this.#put({ ...known, title: event.title, suspended: event.suspended });
    } else if (event.type === "hidden") {
      const { lastMessage } = known;
      if (lastMessage?.seq === event.seq)
        this.#put({ ...known, lastMessage: { ...lastMessage, text: null, hidden: true } });
    } else {
      const { message } = event;
      const isNew = message.seq > known.lastSeq;
      const toRead = isNew && message.senderId !== this.#myId && message.seq > known.me.readSeq;
      this.#put({
        ...known,
        ...(isNew && { lastSeq: message.seq, lastActivityAt: message.createdAt }),
        ...((isNew || (message.seq === known.lastSeq && known.lastMessage?.hidden !== true)) && {
          lastMessage: message,
        }),
        unread: known.unread + (toRead ? 1 : 0),
      });
    }
    this.#onChange();
  }

  #put(conversation: Conversation): void {
    this.#all.set(conversation.id, conversation);
    const { id, lastSeq, me } = conversation;
    if (lastSeq > me.deliveredSeq) void this.#acknowledge(id, lastSeq);
  }

  async #fetch(id: string): Promise<void> {
    const answer = await this.#souk
      .GET("/api/v1/conversations/{id}", { params: { path: { id } } })
      .catch(() => undefined);
    if (answer?.data.me.status !== "active") return;
    this.#put(answer.data);
    this.#onChange();
  }

  /** Says what has reached this device. What fails is said with the next message. */
  async #acknowledge(id: string, seq: number): Promise<void> {
    const path = { id };
    await this.#souk
      .PUT("/api/v1/conversations/{id}/delivered", { params: { path }, body: { seq } })
      .catch(() => {});
  }
}
