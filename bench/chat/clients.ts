import { join } from "node:path";
import { z } from "zod";
import { startChild } from "../system/child.ts";
import type { LoadPlan, Post } from "./clients/crowd.ts";
import type { Seat } from "./clients/member.ts";
import type { Question } from "./clients/questions.ts";

const Loaded = z.object({
  acknowledged: z.number(),
  refused: z.number(),
  deliveriesPerSecond: z.number(),
  messagesPerSecond: z.number(),
  p50: z.number().nullable(),
  p99: z.number().nullable(),
  missing: z.number(),
  closed: z.number(),
});
export type Loaded = z.infer<typeof Loaded>;
const Idle = z.object({ woken: z.number(), closed: z.number() });

/** The clients of the runs, in a process of their own. */
export interface Clients {
  pid: number;
  join: (seats: readonly Seat[]) => Promise<void>;
  leave: () => Promise<void>;
  idle: () => Promise<z.infer<typeof Idle>>;
  /** Has them all write, together so many messages. */
  fill: (messages: number) => Promise<void>;
  load: (plan: LoadPlan, reach: number, posts?: readonly Post[]) => Promise<Loaded>;
  stop: () => Promise<void>;
}

export async function startClients(): Promise<Clients> {
  const child = await startChild(join(import.meta.dirname, "clients/process.ts"), {});
  const ask = (question: Question["question"]) => child.ask(question);
  return {
    pid: child.pid,
    join: async (seats) => void (await ask({ ask: "join", seats: [...seats] })),
    leave: async () => void (await ask({ ask: "leave" })),
    idle: async () => Idle.parse(await ask({ ask: "idle" })),
    fill: async (messages) => void (await ask({ ask: "fill", messages })),
    load: async (plan, reach, posts = []) =>
      Loaded.parse(await ask({ ask: "load", plan, reach, posts: [...posts] })),
    stop: child.stop,
  };
}
