import { AsyncLocalStorage } from "node:async_hooks";

/** Something that befalls an invocation of a Worker at its n-th step outside: a statement, a message, a call to another Worker. */
export interface Mishap {
  step: number;
  kind: "dies before" | "dies after" | "fails before" | "fails after";
}

const current = new AsyncLocalStorage<Invocation>();
const never = <T>(): Promise<T> => new Promise(() => {});

/**
 * One invocation of a Worker. Whatever it does outside goes through `step`. One that dies simply does not go on: no `catch`, no `finally`
 * of its code runs, as when the machine under it is gone; what it had sent on its way still arrives.
 */
export class Invocation {
  readonly #mishap: Mishap | undefined;
  #steps = 0;
  #dead = false;
  #onWay = new Set<Promise<unknown>>();
  #later: Promise<unknown>[] = [];
  #die: () => void = () => {};
  readonly #death = new Promise<"died">((resolve) => {
    this.#die = () => {
      this.#dead = true;
      resolve("died");
    };
  });

  constructor(mishap?: Mishap) {
    this.#mishap = mishap;
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /** The platform's `ExecutionContext`. */
  readonly waitUntil = (work: Promise<unknown>): void => void this.#later.push(work);

  /** Runs a handler and what it left for after the answer; returns when nothing of it is under way any more. */
  async run<T>(
    handler: () => Promise<T>,
  ): Promise<{ ended: "died" } | { ended: "failed" } | { ended: "ok"; value: T }> {
    const whole = current.run(this, async () => {
      const value = await handler();
      while (this.#later.length > 0) await Promise.allSettled(this.#later.splice(0));
      return value;
    });
    try {
      const value = await Promise.race([whole, this.#death.then(() => never<T>()), this.#death]);
      return this.#dead ? { ended: "died" } : { ended: "ok", value: value as T };
    } catch {
      return { ended: this.#dead ? "died" : "failed" };
    } finally {
      whole.catch(() => {});
      while (this.#onWay.size > 0) await Promise.allSettled(this.#onWay);
    }
  }

  async step<T>(effect: () => Promise<T>): Promise<T> {
    if (this.#dead) return never();
    const kind = this.#mishap?.step === this.#steps++ ? this.#mishap.kind : undefined;
    if (kind === "dies before") {
      this.#die();
      return never();
    }
    if (kind === "fails before") throw new TypeError("fetch failed: cut before it arrived");
    const onWay = effect();
    this.#onWay.add(onWay);
    const result = await onWay.finally(() => this.#onWay.delete(onWay));
    if (kind === "dies after") this.#die();
    if (this.#dead) return never();
    if (kind === "fails after") throw new TypeError("fetch failed: cut before the answer");
    return result;
  }
}

/** What a timer of the invocation that runs now does when it goes off: nothing once that has died. */
export function whileAlive<T extends unknown[]>(work: (...args: T) => void): (...args: T) => void {
  const invocation = current.getStore();
  return (...args) => {
    if (!invocation?.isDead) work(...args);
  };
}

/** A step of the invocation that runs now; outside of one it simply runs. */
export const step = <T>(effect: () => Promise<T>): Promise<T> => current.getStore()?.step(effect) ?? effect();
