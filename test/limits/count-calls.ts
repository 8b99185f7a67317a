/** A Worker may call other Workers and Durable Objects so often in one invocation, itself counted; Cloudflare's limits of Workers. */
export const INVOCATIONS = 32;

/** Connections that one invocation may hold open at a time; further ones wait. Same source. */
export const CONNECTIONS = 6;

/**
 * An environment that counts every call of the named bindings. For a Durable Object's namespace it counts how often an object is asked for.
 * @param names bindings to Workers or Durable Object namespaces
 */
export function countCalls(environment: object, names: string[]): { env: object; calls: () => number } {
  let calls = 0;
  const counted = (binding: object) =>
    new Proxy(binding, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...given: unknown[]): unknown => {
          calls++;
          return Reflect.apply(member, target, given);
        };
      },
    });
  const bindings = Object.entries(environment).map(([name, value]: [string, unknown]) => [
    name,
    names.includes(name) && typeof value === "object" && value !== null ? counted(value) : value,
  ]);
  return { env: Object.fromEntries(bindings), calls: () => calls };
}

/** The most messages that a Worker is handed at a time, by the text of its wrangler.toml. */
export const largestBatch = (configuration: string): number =>
  Math.max(...Array.from(configuration.matchAll(/^max_batch_size = (\d+)$/gm), ([, size]) => Number(size)));
