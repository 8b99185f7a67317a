import { createApp } from "@souk/kit/app";
import { Env } from "./env.ts";
import { registerAddresses } from "./routes/addresses.ts";
import { registerAccounts } from "./routes/accounts.ts";
import { registerAccountLife } from "./routes/account-life.ts";
import { registerExports } from "./routes/exports.ts";
import { registerKeys } from "./routes/keys.ts";
import { registerPasswords } from "./routes/passwords.ts";
import { registerSessions } from "./routes/sessions.ts";

export const app = createApp(Env, "auth");
registerAccounts(app);
registerSessions(app);
registerPasswords(app);
registerAddresses(app);
registerAccountLife(app);
registerExports(app);
registerKeys(app);
