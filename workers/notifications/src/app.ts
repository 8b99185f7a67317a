import { createApp } from "@souk/kit/app";
import { Env } from "./env.ts";
import { registerNotifications } from "./routes/notifications.ts";
import { registerPreferences } from "./routes/preferences.ts";
import { registerRealtime } from "./routes/realtime.ts";

export const app = createApp(Env, "notifications");
registerNotifications(app);
registerPreferences(app);
registerRealtime(app);
