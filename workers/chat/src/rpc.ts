import { answerCall } from "@souk/kit/answer-call";
import { parseEnv } from "@souk/kit/config";
import { createContext, type Context } from "@souk/kit/context";
import { requireCaller } from "@souk/kit/require-caller";
import type { ChatService } from "@souk/kit/rpc";
import { WorkerEntrypoint } from "cloudflare:workers";
import { z } from "zod";
import { Env } from "./env.ts";
import { MAX_INVITED } from "./limits.ts";
import { bindConversation } from "./services/bind-conversation.ts";
import { postNotice } from "./services/post-notice.ts";

/** Who may call what, by the caller that the binding names: the owners of jobs, bookings, orders. */
const CALLERS: Record<keyof ChatService, readonly string[]> = {
  bindConversation: ["jobs", "shop", "payments"],
  postNotice: ["jobs", "shop", "payments"],
};

const Thing = z.object({ type: z.string().regex(/^[a-z_]{1,30}$/), id: z.uuid() });
const Binding = z.object({
  object: Thing,
  title: z.string().min(1).max(200),
  userIds: z.array(z.uuid()).min(1).max(MAX_INVITED),
});
const Notice = z.object({
  object: Thing,
  key: z.string().min(1).max(64),
  text: z.string().min(1).max(1_000),
});

/** What other Workers ask of `chat`. */
export class ChatRpc extends WorkerEntrypoint<object, { caller?: string }> implements ChatService {
  async bindConversation(
    binding: z.infer<typeof Binding>,
    traceparent?: string,
  ): Promise<{ conversationId: string }> {
    return this.#answer("bindConversation", traceparent, (context) =>
      bindConversation(context, Binding.parse(binding)),
    );
  }

  async postNotice(notice: z.infer<typeof Notice>, traceparent?: string): Promise<{ seq: number }> {
    return this.#answer("postNotice", traceparent, (context) => postNotice(context, Notice.parse(notice)));
  }

  async #answer<T>(
    method: keyof ChatService,
    traceparent: string | undefined,
    work: (context: Context<Env>) => Promise<T>,
  ): Promise<T> {
    const caller = requireCaller(this.ctx.props, method, CALLERS[method]);
    const context = createContext(parseEnv(Env, this.env), {
      service: "chat",
      waitUntil: (task) => this.ctx.waitUntil(task),
      traceparent,
    });
    return answerCall(context, { method, caller }, async (given) => work(given));
  }
}
