import { z } from "zod";

const headers = z.record(z.string(), z.string());
const Seat = z.object({
  url: z.string(),
  dialect: z.enum(["souk", "socket.io", "ws"]),
  room: z.string(),
  headers,
});
const Plan = z.object({ senders: z.number(), everyMs: z.number(), warmMs: z.number(), ms: z.number() });

/** What the process of the clients is asked. */
export const Question = z.object({
  id: z.number(),
  question: z.discriminatedUnion("ask", [
    z.object({ ask: z.literal("join"), seats: z.array(Seat) }),
    z.object({ ask: z.literal("leave") }),
    z.object({ ask: z.literal("idle") }),
    z.object({ ask: z.literal("fill"), messages: z.number() }),
    z.object({
      ask: z.literal("load"),
      plan: Plan,
      reach: z.number(),
      posts: z.array(z.object({ url: z.string(), headers })),
    }),
  ]),
});
export type Question = z.infer<typeof Question>;
