import { parseEnv } from "@souk/kit/config";
import { createContext, type Context } from "@souk/kit/context";
import { describeError } from "@souk/kit/log";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import { DurableObject } from "cloudflare:workers";
import type { ControlSnapshot } from "../control-snapshot.ts";
import { ControlEnv } from "../env.ts";
import { CONTROL_LIMITS } from "../limits.ts";

type Facts = Omit<ControlSnapshot, "ageMs">;

/**
 * The one place that gateway isolates learn from what all of them must know soon. What `auth` owns is asked of it, at most once a second
 * however many ask here, and kept in memory alone: after an eviction it is asked again.
 */
export class Control extends DurableObject<object> {
  #copy: { facts: Facts; readAt: number } | undefined;
  #reading: Promise<void> | undefined;

  /**
   * The newest snapshot that can be had; while `auth` is silent, the last one with its age.
   * @throws Error when `auth` is silent and there is none
   */
  async snapshot(): Promise<ControlSnapshot> {
    const context = createContext(parseEnv(ControlEnv, this.env), {
      service: "gateway",
      waitUntil: (work) => this.ctx.waitUntil(work),
    });
    const age = this.#copy === undefined ? Infinity : context.now().getTime() - this.#copy.readAt;
    if (age < 0 || age >= CONTROL_LIMITS.copyMs) {
      this.#reading ??= this.#read(context).finally(() => (this.#reading = undefined));
      await this.#reading.catch((error: unknown) => {
        context.log.error("cannot read the revoked sessions", { error: describeError(error) });
        if (this.#copy === undefined) throw error;
      });
    }
    if (this.#copy === undefined) throw new Error("There is no control snapshot");
    return { ...this.#copy.facts, ageMs: Math.max(0, context.now().getTime() - this.#copy.readAt) };
  }

  async #read(context: Context<ControlEnv>): Promise<void> {
    const readAt = context.now().getTime();
    const revokedSessions = await callTimeout.execute(() =>
      context.env.AUTH_RPC.revokedSessions(traceparent(context.trace)),
    );
    this.#copy = { facts: { version: 1, revokedSessions }, readAt };
  }
}
