import { parseEnv } from "@souk/kit/config";
import { createContext, type Context } from "@souk/kit/context";
import { describeError } from "@souk/kit/log";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import { watchWork } from "@souk/kit/watch-work";
import { timeout, TimeoutStrategy } from "cockatiel";
import { DurableObject } from "cloudflare:workers";
import { changesOf } from "../control/changes-of.ts";
import { ControlStore } from "../control/control-store.ts";
import { sessionTails } from "../control/session-tails.ts";
import type { Control as Document, ControlChange } from "../control/settings.ts";
import { Untold } from "../control/untold.ts";
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
  readonly #untold: Untold;
  /** Before `auth` was ever read, what is known of it is as old as time. */
  #copy: { sessions: Sessions; readAt: number } = { sessions: { revokedSessions: [] }, readAt: 0 };
  #reading: Promise<void> | undefined;

  constructor(state: DurableObjectState, env: object) {
    super(state, env);
    this.#store = new ControlStore(state.storage.sql);
    this.#untold = new Untold(state.storage.sql);
  }

  /**
   * The newest snapshot that can be had: while `auth` is silent, with the ended sessions that it told of last.
   * @param cause the `traceparent` of who asks
   */
  async snapshot(cause?: string): Promise<ControlSnapshot> {
    const context = this.#context(cause);
    const age = context.now().getTime() - this.#copy.readAt;
    if (age < 0 || age >= LIMITS.copyMs) {
      this.#reading ??= watchWork(context, "Control.snapshot", () => this.#read(context)).finally(
        () => (this.#reading = undefined),
      );
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
  async change(change: ControlChange, userId: string, cause?: string): Promise<Document | null> {
    const now = this.#context().now();
    const before = this.#store.settings();
    const document = this.#store.change(change, userId, now);
    if (document === null) return null;
    const changes = changesOf(before, this.#store.settings());
    this.#untold.add({ version: document.version, changedBy: userId, changes }, now, cause);
    await this.ctx.storage.setAlarm(now);
    return document;
  }

  /** Tells the event log what it has not been told of what admins changed. */
  override async alarm(): Promise<void> {
    try {
      for (let next = this.#untold.next(); next.events.length > 0; next = this.#untold.next())
        await this.#record(next);
    } catch (error) {
      const context = this.#context();
      context.log.error("the event log cannot be told", { error: describeError(error) });
      await this.ctx.storage.setAlarm(context.now().getTime() + LIMITS.untoldRetryMs);
    }
  }

  /** From now on nothing counts that is kept under one of these tags. */
  purge(tags: string[]): void {
    this.#store.purge(tags, this.#context().now().getTime());
  }

  async #record({ events, cause }: ReturnType<Untold["next"]>): Promise<void> {
    const context = this.#context(cause);
    await watchWork(context, "Control.alarm", () =>
      callTimeout.execute(() => context.env.EVENTS_RPC.record(events, traceparent(context.trace))),
    );
    this.#untold.told(events);
  }

  #context(cause?: string): Context<ControlEnv> {
    return createContext(parseEnv(ControlEnv, this.env), {
      service: "gateway",
      waitUntil: (work) => this.ctx.waitUntil(work),
      traceparent: cause,
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
