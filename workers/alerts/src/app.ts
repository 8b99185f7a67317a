import { createApp } from "@souk/kit/app";
import { Env } from "./env.ts";
import { registerAlerts } from "./routes/alerts.ts";
import { registerPrices } from "./routes/prices.ts";

export const app = createApp(Env, "alerts");
registerPrices(app);
registerAlerts(app);
