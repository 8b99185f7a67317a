import type { AppTypes } from "@souk/kit/request-context";
import type { Scope } from "@souk/kit/permissions";
import { requireAccess, requireScope, type Access } from "@souk/kit/route";
import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";
import { refuseRevoked } from "../services/refuse-revoked.ts";
import { verifyApiKey } from "../services/verify-api-key.ts";
import { verifyToken } from "../services/verify-token.ts";

/** No access token begins so. */
const API_KEY = /^Bearer (souk_\w{1,200})$/i;
const READS = new Set(["GET", "HEAD"]);

/**
 * Puts the verified actor into the context and refuses who may not call the route. A bad token is refused on public routes too,
 * so that a client learns at once that it must refresh.
 * The token of a session that has ended is refused too. An API key opens a route whose scope it holds, and no other.
 * @throws AppError unauthorized, forbidden, unavailable
 */
export const identity =
  (access: Access, scope?: Scope): MiddlewareHandler<AppTypes<Env>> =>
  async (c, next) => {
    const { context } = c.var;
    const authorization = c.req.header("authorization");
    if (authorization !== undefined) {
      const apiKey = API_KEY.exec(authorization)?.[1];
      if (apiKey === undefined) {
        const actor = await verifyToken(context, authorization);
        await refuseRevoked(context, actor, !READS.has(c.req.method));
        context.actor = actor;
      } else context.actor = await verifyApiKey(context, apiKey);
    }
    requireAccess(access, context);
    requireScope(scope, context);
    await next();
  };
