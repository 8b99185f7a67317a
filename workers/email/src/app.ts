import { createApp } from "@souk/kit/app";
import { Env } from "./env.ts";
import { registerEmails } from "./routes/emails.ts";
import { registerTemplates } from "./routes/templates.ts";

export const app = createApp(Env, "email");
// Before /emails/{id}, which would take "templates" for an id.
registerTemplates(app);
registerEmails(app);
