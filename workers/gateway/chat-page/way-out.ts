import type { components, Realtime, Souk } from "@souk/client";

type Message = components["schemas"]["Message"];

/** How what I do in a conversation reaches the server: by its room's socket, or by HTTP where WebSockets are blocked. */
export class WayOut {
  readonly #souk: Souk;
  readonly #conversationId: string;
  readonly #room: Realtime;
  readonly #blocked: () => boolean;
  /** The message before, by HTTP: two at once might overtake each other. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(souk: Souk, conversationId: string, room: Realtime, blocked: () => boolean) {
    this.#souk = souk;
    this.#conversationId = conversationId;
    this.#room = room;
    this.#blocked = blocked;
  }

  /**
   * Sends a message, by socket as soon as there is a connection. However often it is sent, it is one by its `clientMessageId`.
   * @throws RealtimeError or SoukError when it is refused; by HTTP, what `fetch` throws without a connection
   */
  async message(message: { clientMessageId: string; text: string }): Promise<Message> {
    if (this.#isBlocked()) {
      const params = { path: { id: this.#conversationId } };
      const sent = this.#before.then(() =>
        this.#souk.POST("/api/v1/conversations/{id}/messages", { params, body: message }),
      );
      this.#before = sent.catch(() => {});
      return (await sent).data;
    }
    // The server keeps to its document, as its own tests show.
    return (await this.#room.send({ type: "message.send", message })) as Message;
  }

  /** Says that I am typing. It is told once, or not at all. */
  typing(): void {
    const params = { path: { id: this.#conversationId } };
    if (this.#isBlocked())
      void this.#souk.POST("/api/v1/conversations/{id}/typing", { params }).catch(() => {});
    else this.#room.tell({ type: "typing" });
  }

  /** Says how far I have read. */
  async read(seq: number): Promise<void> {
    const params = { path: { id: this.#conversationId } };
    if (this.#isBlocked()) await this.#souk.PUT("/api/v1/conversations/{id}/read", { params, body: { seq } });
    else await this.#room.send({ type: "read", seq });
  }

  #isBlocked(): boolean {
    return this.#blocked() || this.#room.way === "stream";
  }
}
