import { createApp } from "@souk/kit/app";
import { Env } from "./env.ts";
import { registerPreferences } from "./routes/preferences.ts";
import { registerProfiles } from "./routes/profiles.ts";

export const app = createApp(Env, "users");
registerProfiles(app);
registerPreferences(app);
