import { createApp } from "@souk/kit/app";
import { Env } from "./env.ts";
import { registerConversations } from "./routes/conversations.ts";
import { registerMessages } from "./routes/messages.ts";

export const app = createApp(Env, "chat");
registerConversations(app);
registerMessages(app);
