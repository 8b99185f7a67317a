import { createApp } from "@souk/kit/app";
import { Env } from "./env.ts";
import { registerAccounts } from "./routes/accounts.ts";
import { registerBans } from "./routes/bans.ts";
import { registerDevices } from "./routes/devices.ts";
import { registerKeys } from "./routes/keys.ts";
import { registerPasswords } from "./routes/passwords.ts";
import { registerSessions } from "./routes/sessions.ts";

export const app = createApp(Env, "auth");
registerAccounts(app);
registerSessions(app);
registerDevices(app);
registerBans(app);
registerPasswords(app);
registerKeys(app);
