import type { App } from "@souk/kit/app";
import { AppError } from "@souk/kit/errors";
import type { Env } from "./env.ts";

const LOGOUT = "/api/v1/auth/logout";
/** A copy of all data is the person's alone. */
const EXPORT = "/api/v1/auth/export";

/** Refuses an admin who acts as somebody whatever changes the account or lets somebody in: all that writes here, but the end of that session. */
export function refuseImpersonated(app: App<Env>): void {
  app.use("/api/v1/auth/*", async (c, next) => {
    const { method, path } = c.req;
    const reads = (method === "GET" || method === "HEAD") && path !== EXPORT;
    if (c.get("context").actor?.impersonatedBy !== undefined && !reads && path !== LOGOUT)
      throw new AppError("forbidden", "Only the person may do this, not who acts as them.");
    await next();
  });
}
