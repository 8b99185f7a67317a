import { stopwatch } from "@souk/db/stopwatch";
import type { Context } from "./context.ts";

/**
 * Asks a server that is not ours, and keeps a span of it while there is a collector. It tells the host alone: the rest of an address may
 * hold keys. Every call out goes this way, but those to the database and the collector.
 * @param init with a signal that ends it in time
 * @param read reads the answer, whose body the span waits for too
 * @throws what `fetch` and `read` throw
 */
export async function fetchOut<T>(
  { spans }: Pick<Context, "spans">,
  url: string,
  init: RequestInit & { signal: AbortSignal },
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const passed = stopwatch();
  let status: number | undefined;
  let problem: string | undefined;
  try {
    const response = await fetch(url, init);
    ({ status } = response);
    const answer = await read(response);
    problem = status >= 400 ? String(status) : undefined;
    return answer;
  } catch (error) {
    problem = error instanceof Error ? error.name : "error";
    throw error;
  } finally {
    if (spans !== null) {
      const method = init.method ?? "GET";
      const { host } = new URL(url);
      spans.child({
        name: `${method} ${host}`,
        kind: "client",
        ms: passed(),
        failed: problem !== undefined,
        attributes: {
          "http.method": method,
          "server.address": host,
          ...(status !== undefined && { "http.status_code": status }),
          ...(problem !== undefined && { "error.type": problem }),
        },
      });
    }
  }
}
