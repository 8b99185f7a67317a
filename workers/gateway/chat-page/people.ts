import type { components, Souk } from "@souk/client";

type Presence = components["schemas"]["Presence"];

/** How often those who are looked at are asked for. */
const PRESENCE_MS = 30_000;
/** Of how many people one request may ask. */
const AT_ONCE = 25;

/** What a person is called. */
export const nameOf = (person: { displayName: string | null; firstName: string; lastName: string }): string =>
  person.displayName ?? `${person.firstName} ${person.lastName}`.trim();

/** Names, each asked for once, and who is online. */
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
    this.#timer = setInterval(() => void this.#askPresence(), PRESENCE_MS);
  }

  /** What somebody is called, as far as it is known by now. */
  name(id: string | null): string {
    if (id === null) return "Somebody";
    const known = this.#names.get(id);
    if (known === undefined) void this.#askName(id);
    return known ?? "…";
  }

  /** Online or last seen, in words; empty where that is not known or not shown to us. */
  presence(id: string | null): string {
    const found = id === null ? undefined : this.#presence.get(id);
    if (found?.status === "online") return "Online";
    return found?.lastSeenAt ? `Last seen ${new Date(found.lastSeenAt).toLocaleString()}` : "";
  }

  /** Asks for these people's presence now and from time to time. */
  watch(ids: string[]): void {
    this.#watched = ids.slice(0, AT_ONCE);
    void this.#askPresence();
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

  async #askPresence(): Promise<void> {
    if (this.#watched.length === 0 || document.visibilityState === "hidden") return;
    const query = { ids: this.#watched.join(",") };
    // Without a connection it is not known, and the next time comes.
    const answer = await this.#souk.GET("/api/v1/presence", { params: { query } }).catch(() => undefined);
    this.#presence.clear();
    for (const person of answer?.data.items ?? []) this.#presence.set(person.userId, person);
    this.#onChange();
  }
}
