import { fork } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";

/** A server under test in a process of its own, so that the load generator's CPU time is not the server's. */
export interface Child {
  url: string;
  pid: number;
  /** Asks the process something over its channel, and gives what it answers; a failure there is thrown here. */
  ask: (question: unknown) => Promise<unknown>;
  stop: () => Promise<void>;
}

const Ready = z.object({ url: z.string() });
const Answer = z.object({ answered: z.number(), data: z.unknown().optional(), error: z.string().optional() });

const START_WITHIN_MS = 120_000;

/**
 * Starts a module that takes its options as JSON in its first argument and sends `{ url }` when it listens.
 * @throws Error when it ends or is silent for 120 s
 */
export async function startChild(modulePath: string, options: unknown): Promise<Child> {
  const child = fork(modulePath, [JSON.stringify(options)], {
    // What the servers log is written and thrown away: each pays for the writing.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, NODE_ENV: "production" },
  });
  const killWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", killWithUs);
  const ended = once(child, "exit").finally(() => process.off("exit", killWithUs));
  const early = ended.then(() => Promise.reject(new Error(`${modulePath} ended`)));
  early.catch(() => {});
  const [message] = await Promise.race([
    once(child, "message", { signal: AbortSignal.timeout(START_WITHIN_MS) }),
    early,
  ]);
  const { url } = Ready.parse(message);
  if (child.pid === undefined) throw new Error(`${modulePath} has no process`);

  let asked = 0;
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  child.on("message", (raw) => {
    const { answered, data, error } = Answer.parse(raw);
    const asker = waiting.get(answered);
    waiting.delete(answered);
    if (error === undefined) asker?.resolve(data);
    else asker?.reject(new Error(error));
  });
  return {
    url,
    pid: child.pid,
    ask: async (question) => {
      const id = ++asked;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(id, answer);
      child.send({ id, question });
      return Promise.race([answer.promise, early]);
    },
    stop: async () => {
      child.kill("SIGTERM");
      const hard = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended.finally(() => clearTimeout(hard));
    },
  };
}
