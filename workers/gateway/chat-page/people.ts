import type { components, PresenceEvent, Souk } from "@souk/client";

type Presence = components["schemas"]["Presence"];

/** How often a watch is asked for again; it lasts five minutes. */
const WATCH_MS = 4 * 60_000;
/** How many people may be watched. */
const AT_ONCE = 25;

/** What a person is called. */
export const nameOf = (person: { displayName: string | null; firstName: string; lastName: string }): string =>
  person.displayName ?? `${person.firstName} ${person.lastName}`.trim();

/** Names, each asked for once, and who is there. */
export class People {
  readonly #souk: Souk;
  readonly #onChange: () => void;
  readonly #names = new Map<string, string>();
  readonly #presence = new Map<string, Presence>();
  readonly #timer: ReturnType<typeof setInterval>;
  #watched: string[] = [];

  /** @param onChange told when a name or somebody's presence is known */
  constructor(souk: Souk, onChange: () => void) {
    this.#souk = souk;
    this.#onChange = onChange;
    this.#timer = setInterval(() => this.watchAgain(), WATCH_MS);
  }

  /** What somebody is called, as far as it is known by now. */
  name(id: string | null): string {
    if (id === null) return "Somebody";
    const known = this.#names.get(id);
    if (known === undefined) void this.#askName(id);
    return known ?? "…";
  }

  /** Online, away or last seen, in words; empty where that is not known or not shown to us. */
  presence(id: string | null): string {
    const found = id === null ? undefined : this.#presence.get(id);
    if (found?.status === "online") return "Online";
    if (found?.status === "away") return "Away";
    return found?.lastSeenAt ? `Last seen ${new Date(found.lastSeenAt).toLocaleString()}` : "";
  }

  /** Has these people's presence told, now and when it changes. Where that fails it is tried with the next connection. */
  watch(ids: string[]): void {
    this.#watched = ids.slice(0, AT_ONCE);
    if (ids.length > 0 && document.visibilityState === "visible") void this.#watch().catch(() => {});
  }

  /** The same people, after a while in which changes may have been missed. */
  watchAgain(): void {
    this.watch(this.#watched);
  }

  /** Takes what is told of somebody; of two the later counts. */
  take(told: Presence | PresenceEvent): void {
    const known = this.#presence.get(told.userId);
    if (known !== undefined && Date.parse(known.at) > Date.parse(told.at)) return;
    this.#presence.set(told.userId, told);
    this.#onChange();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #askName(id: string): Promise<void> {
    this.#names.set(id, "…");
    try {
      const { data } = await this.#souk.GET("/api/v1/users/{id}", { params: { path: { id } } });
      this.#names.set(id, nameOf(data));
    } catch {
      this.#names.set(id, "Somebody");
    }
    this.#onChange();
  }

  async #watch(): Promise<void> {
    const body = { userIds: this.#watched };
    const { data } = await this.#souk.PUT("/api/v1/presence/watch", { body });
    // Who is not among them any more does not want to be seen.
    for (const id of this.#presence.keys())
      if (!data.items.some(({ userId }) => userId === id)) this.#presence.delete(id);
    for (const person of data.items) this.take(person);
    this.#onChange();
  }
}
