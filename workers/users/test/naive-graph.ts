import type { Relation } from "../src/people-schemas.ts";

export const CHANGES = {
  follow: ["POST", "following", ""],
  unfollow: ["DELETE", "following", ""],
  ask: ["POST", "friend-requests", ""],
  cancel: ["DELETE", "friend-requests", ""],
  accept: ["POST", "friend-requests", "/accept"],
  decline: ["POST", "friend-requests", "/decline"],
  unfriend: ["DELETE", "friends", ""],
  block: ["POST", "blocks", ""],
  unblock: ["DELETE", "blocks", ""],
  mute: ["POST", "mutes", ""],
  unmute: ["DELETE", "mutes", ""],
} as const satisfies Record<string, readonly ["POST" | "DELETE", string, string]>;
export type Change = keyof typeof CHANGES;
export const LEVELS = ["public", "user", "friend", "nobody"] as const;
export type Level = (typeof LEVELS)[number];

/** The social graph as plainly as it can be said: what the database is compared with. */
export class NaiveGraph {
  private follows = new Set<string>();
  private requests = new Set<string>();
  private friends = new Set<string>();
  private blocks = new Set<string>();
  private mutes = new Set<string>();
  private levels = new Map<string, Level>();
  /** Every event, in order: what it is, who did it, to whom. */
  readonly events: string[] = [];

  private apart = (a: string, b: string) => this.blocks.has(a + b) || this.blocks.has(b + a);
  private tell = (type: string, a: string, b: string) => void this.events.push(`${type} ${a} ${b}`);
  private levelOf = (a: string): Level => this.levels.get(a) ?? "public";

  show(a: string, level: Level): void {
    this.levels.set(a, level);
  }

  maySee(a: string, b: string): boolean {
    if (a === b) return true;
    if (this.apart(a, b)) return false;
    const level = this.levelOf(b);
    return level === "public" || level === "user" || (level === "friend" && this.friends.has(a + b));
  }

  private put(set: Set<string>, a: string, b: string, type: string): true {
    if (!set.has(a + b)) this.tell(type, a, b);
    set.add(a + b);
    return true;
  }
  private take(set: Set<string>, a: string, b: string, type: string): boolean {
    if (set.delete(a + b)) this.tell(type, a, b);
    else return false;
    return true;
  }
  private befriend(a: string, b: string): true {
    this.requests.delete(b + a);
    this.friends.add(a + b).add(b + a);
    this.tell("friend.accepted", a, b);
    return true;
  }

  /** What `a` does to `b`; whether it is allowed. */
  change(what: Change, a: string, b: string): boolean {
    switch (what) {
      case "follow":
        return this.maySee(a, b) && this.put(this.follows, a, b, "user.followed");
      case "unfollow":
        if (this.apart(a, b)) return false;
        this.take(this.follows, a, b, "user.unfollowed");
        return true;
      case "ask":
        if (this.apart(a, b) || this.levelOf(b) === "nobody") return false;
        if (this.friends.has(a + b)) return true;
        if (this.requests.has(b + a)) return this.befriend(a, b);
        return this.put(this.requests, a, b, "friend.requested");
      case "cancel":
        return this.take(this.requests, a, b, "friend.cancelled");
      case "decline":
        if (!this.requests.delete(b + a)) return false;
        this.tell("friend.declined", a, b);
        return true;
      case "accept":
        return this.friends.has(a + b) || (this.requests.has(b + a) && this.befriend(a, b));
      case "unfriend":
        if (this.apart(a, b)) return false;
        this.friends.delete(b + a);
        this.take(this.friends, a, b, "friend.removed");
        return true;
      case "block":
        for (const set of [this.follows, this.requests, this.friends])
          for (const key of [a + b, b + a]) set.delete(key);
        return this.put(this.blocks, a, b, "user.blocked");
      case "unblock":
        this.take(this.blocks, a, b, "user.unblocked");
        return true;
      case "mute":
        return !this.apart(a, b) && this.put(this.mutes, a, b, "user.muted");
      case "unmute":
        if (this.apart(a, b)) return false;
        this.take(this.mutes, a, b, "user.unmuted");
        return true;
    }
  }

  relation(a: string, b: string): Relation {
    return {
      userId: b,
      following: this.follows.has(a + b),
      followedBy: this.follows.has(b + a),
      friend: this.friends.has(a + b),
      requestSent: this.requests.has(a + b),
      requestReceived: this.requests.has(b + a),
      blocking: this.blocks.has(a + b),
      muting: this.mutes.has(a + b),
      mayWrite: !this.apart(a, b),
    };
  }

  /** Followers, followed and friends of `b`, as its profile counts them. */
  counts(b: string, all: readonly string[]): { followers: number; following: number; friends: number } {
    const count = (has: (other: string) => boolean) => all.filter((other) => has(other)).length;
    return {
      followers: count((other) => this.follows.has(other + b)),
      following: count((other) => this.follows.has(b + other)),
      friends: count((other) => this.friends.has(b + other)),
    };
  }
}
