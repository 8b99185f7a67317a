import { createApp } from "@souk/kit/app";
import { Env } from "./env.ts";
import { limitAttempts } from "./limit-attempts.ts";
import { registerAccounts } from "./routes/accounts.ts";
import { registerKeys } from "./routes/keys.ts";
import { registerPasswords } from "./routes/passwords.ts";
import { registerSecondFactor } from "./routes/second-factor.ts";
import { registerSessions } from "./routes/sessions.ts";
import { registerTrustedDevices } from "./routes/trusted-devices.ts";

export const app = createApp(Env, "auth");
limitAttempts(app);
registerAccounts(app);
registerSessions(app);
registerPasswords(app);
registerKeys(app);
registerSecondFactor(app);
registerTrustedDevices(app);
