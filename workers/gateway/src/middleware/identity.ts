import type { AppTypes } from "@souk/kit/request-context";
import { requireAccess, type Access } from "@souk/kit/route";
import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";
import { refuseRevoked } from "../services/refuse-revoked.ts";
import { verifyToken } from "../services/verify-token.ts";

const READS = new Set(["GET", "HEAD"]);

/**
 * Puts the verified actor into the context and refuses who may not call the route. A bad token is refused on public routes too,
 * so that a client learns at once that it must refresh.
 * The token of a session that has ended is refused too.
 * @throws AppError unauthorized, forbidden, unavailable
 */
export const identity =
  (access: Access): MiddlewareHandler<AppTypes<Env>> =>
  async (c, next) => {
    const { context } = c.var;
    const authorization = c.req.header("authorization");
    if (authorization !== undefined) {
      const actor = await verifyToken(context, authorization);
      await refuseRevoked(context, actor, !READS.has(c.req.method));
      context.actor = actor;
    }
    requireAccess(access, context);
    await next();
  };
