import { createApp } from "@souk/kit/app";
import { Env } from "./env.ts";
import { registerPeople } from "./routes/people.ts";
import { registerPreferences } from "./routes/preferences.ts";
import { registerProfiles } from "./routes/profiles.ts";
import { registerRelations } from "./routes/relations.ts";
import { registerSettings } from "./routes/settings.ts";

export const app = createApp(Env, "users");
registerProfiles(app);
registerPreferences(app);
registerSettings(app);
registerRelations(app);
// Last: `/users/{id}` fits every word.
registerPeople(app);
