import { answerCall } from "@souk/kit/answer-call";
import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { requireCaller } from "@souk/kit/require-caller";
import type { NotificationsService } from "@souk/kit/rpc";
import { WorkerEntrypoint } from "cloudflare:workers";
import { z } from "zod";
import { Env } from "./env.ts";
import { chooseChannels } from "./services/choose-channels.ts";

/** Who may call what, by the caller that the binding names. */
const CALLERS: Record<keyof NotificationsService, readonly string[]> = { channels: ["email"] };

const Arguments = z.object({ userId: z.uuid(), type: z.string().max(100) });

/** What other Workers may ask. */
export class NotificationsRpc
  extends WorkerEntrypoint<object, { caller?: string }>
  implements NotificationsService
{
  async channels(
    userId: string,
    type: string,
    traceparent?: string,
  ): Promise<{ inApp: boolean; email: boolean; push: boolean }> {
    const caller = requireCaller(this.ctx.props, "channels", CALLERS.channels);
    const asked = Arguments.parse({ userId, type });
    const context = createContext(parseEnv(Env, this.env), {
      service: "notifications",
      waitUntil: (work) => this.ctx.waitUntil(work),
      traceparent,
    });
    return answerCall(context, { method: "channels", caller }, () =>
      chooseChannels(context, asked.userId, asked.type),
    );
  }
}
