import { stopwatch } from "@souk/db/stopwatch";
import type { Context } from "./context.ts";
import type { Spans } from "./spans.ts";

/** Keeps a span of a call to an object once it is answered. A call that is never answered leaves none. */
function watch(spans: Spans, binding: string, method: string, call: () => unknown): unknown {
  const passed = stopwatch();
  const told = (failed: boolean) => () =>
    spans.child({
      name: `${binding}.${method}`,
      kind: "client",
      ms: passed(),
      failed,
      attributes: { "rpc.service": binding, "rpc.method": method },
    });
  const answer = call();
  if (answer instanceof Object && "then" in answer && typeof answer.then === "function")
    answer.then(told(false), told(true));
  return answer;
}

/**
 * The same Durable Object; while there is a collector a span is kept of each call to it, which names the binding and the method and never
 * the object: its name is often a person's id.
 * @param binding the namespace's in the environment
 */
export function watchObject<T extends object>(
  { spans }: Pick<Context, "spans">,
  binding: string,
  stub: T,
): T {
  if (spans === null) return stub;
  return new Proxy(stub, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof key !== "string" || typeof member !== "function") return member;
      return (...parameters: unknown[]) =>
        watch(spans, binding, key, () => Reflect.apply(member, target, parameters));
    },
  });
}

/** Keeps a span of an answer of an object that somebody waits for. */
export function watchAnswer<T>(
  { spans }: Pick<Context, "spans">,
  binding: string,
  method: string,
  answer: Promise<T>,
): Promise<T> {
  if (spans !== null) watch(spans, binding, method, () => answer);
  return answer;
}
