import { parseEnv } from "@souk/kit/config";
import { createContext, type Context } from "@souk/kit/context";
import { describeError } from "@souk/kit/log";
import { traceparent } from "@souk/kit/trace";
import { timeout, TimeoutStrategy } from "cockatiel";
import { DurableObject } from "cloudflare:workers";
import { ControlStore } from "../control/control-store.ts";
import { sessionTails } from "../control/session-tails.ts";
import type { Control as Document, ControlChange } from "../control/settings.ts";
import type { ControlSnapshot } from "../control-snapshot.ts";
import { ControlEnv } from "../env.ts";
import { CONTROL_LIMITS as LIMITS } from "../limits.ts";

type Sessions = Pick<ControlSnapshot, "revokedSessions" | "revokedTails">;

const inTime = timeout(LIMITS.authTimeoutMs, TimeoutStrategy.Aggressive);

/**
 * The one place that gateway isolates learn from what all of them must know soon. What admins set is kept here. What `auth` owns is asked
 * of it, at most once a second however many ask here, and kept in memory alone: after an eviction it is asked again.
 */
export class Control extends DurableObject<object> {
  readonly #store: ControlStore;
  /** Before `auth` was ever read, what is known of it is as old as time. */
  #copy: { sessions: Sessions; readAt: number } = { sessions: { revokedSessions: [] }, readAt: 0 };
  #reading: Promise<void> | undefined;

  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    this.#store = new ControlStore(state.storage.sql);
  }

  /** The newest snapshot that can be had: while `auth` is silent, with the ended sessions that it told of last. */
  async snapshot(): Promise<ControlSnapshot> {
    const context = this.#context();
    const age = context.now().getTime() - this.#copy.readAt;
    if (age < 0 || age >= LIMITS.copyMs) {
      this.#reading ??= this.#read(context).finally(() => (this.#reading = undefined));
      await this.#reading;
    }
    const now = context.now().getTime();
    return {
      version: 1,
      ...this.#copy.sessions,
      ageMs: Math.max(0, now - this.#copy.readAt),
      settings: this.#store.settings(),
      purges: this.#store.purges(now),
    };
  }

  /** What admins set, with its version. */
  document(): Document {
    return this.#store.document();
  }

  /** @returns what is set now; null when the version that the change was made from is no longer the current one */
  change(change: ControlChange, userId: string): Document | null {
    return this.#store.change(change, userId, this.#context().now());
  }

  /** From now on nothing counts that is kept under one of these tags. */
  purge(tags: string[]): void {
    this.#store.purge(tags, this.#context().now().getTime());
  }

  #context(): Context<ControlEnv> {
    return createContext(parseEnv(ControlEnv, this.env), {
      service: "gateway",
      waitUntil: (work) => this.ctx.waitUntil(work),
    });
  }

  async #read(context: Context<ControlEnv>): Promise<void> {
    const readAt = context.now().getTime();
    try {
      const ids = await inTime.execute(() =>
        context.env.AUTH_RPC.revokedSessions(traceparent(context.trace)),
      );
      const sessions =
        ids.length > LIMITS.sessionIds
          ? { revokedSessions: [], revokedTails: sessionTails(ids) }
          : { revokedSessions: ids };
      this.#copy = { sessions, readAt };
    } catch (error) {
      context.log.error("cannot read the revoked sessions", { error: describeError(error) });
    }
  }
}
