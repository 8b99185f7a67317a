import { createApp } from "@souk/kit/app";
import { Env } from "./env.ts";
import { registerDeadLetters } from "./routes/dead-letters.ts";
import { registerReplays } from "./routes/replays.ts";
import { registerStatus } from "./routes/status.ts";

export const app = createApp(Env, "events");
registerDeadLetters(app);
registerReplays(app);
registerStatus(app);
