import type { AppError } from "@souk/kit/errors";
import type { Scope } from "@souk/kit/permissions";
import { problemResponse } from "@souk/kit/problem";
import type { AppTypes } from "@souk/kit/request-context";
import { requireAccess, requireScope, type Access } from "@souk/kit/route";
import type { Context, MiddlewareHandler } from "hono";
import { allowanceOf, type Allowance } from "../admission/allowance.ts";
import { refusalOfClosed } from "../admission/closed.ts";
import { refuseFlood, strangersAllowance } from "../admission/flood.ts";
import { identify } from "../admission/identify.ts";
import type { Env } from "../env.ts";

/** An operation of the routing table, as who asks for it must meet it. */
export interface Operation {
  /** `GET /api/v1/...` */
  name: string;
  access: Access;
  scope: Scope | undefined;
  /** In requests of the caller's quota. */
  cost: number;
  /** Whether operators may close it. */
  closable: boolean;
}

/** A refusal that is no failure: it is answered and not logged. */
const refuse = (c: Context<AppTypes<Env>>, error: AppError, headers: Allowance["headers"] = []): Response =>
  problemResponse(
    error,
    { path: c.req.path, requestId: c.get("context").requestId },
    Object.fromEntries(headers),
  );

/** Holds a stranger to the quota of their address. @throws AppError unauthorized */
async function admitStranger(c: Context<AppTypes<Env>>, { access }: Operation): Promise<Allowance> {
  const allowance = await strangersAllowance(c);
  if (allowance.refusal !== undefined) return allowance;
  requireAccess(access, c.get("context"));
  return allowance;
}

/**
 * Puts who sent a token or an API key into the context, and holds them to their own quota. A key opens an operation whose scope it holds.
 * The address's limit of floods holds them too: a token costs something to check.
 * @throws AppError unauthorized, forbidden, too_many_requests, unavailable
 */
async function admitKnown(
  c: Context<AppTypes<Env>>,
  { access, scope, cost }: Operation,
  authorization: string,
): Promise<Allowance> {
  const context = c.get("context");
  await refuseFlood(c);
  const actor = await identify(context, authorization, c.req.method);
  context.actor = actor;
  requireAccess(access, context);
  requireScope(scope, context);
  return allowanceOf(context, actor, cost);
}

/**
 * Lets a request in: its operation is open, its address does not flood, who sends it is known (`context.actor`) and may call it, and has
 * quota left; each answer tells how much. One middleware and not one for each question: each would cost every request.
 * @throws AppError unauthorized, forbidden, too_many_requests, unavailable
 */
export function admit(operation: Operation): MiddlewareHandler<AppTypes<Env>> {
  return async (c, next) => {
    const asked = operation.closable ? refusalOfClosed(c.get("context"), operation.name) : undefined;
    const closed = asked instanceof Promise ? await asked : asked;
    if (closed !== undefined) return refuse(c, closed);

    const authorization = c.req.header("authorization");
    const { refusal, headers } = await (authorization === undefined
      ? admitStranger(c, operation)
      : admitKnown(c, operation, authorization));
    if (refusal !== undefined) return refuse(c, refusal, headers);
    await next();
    const told = c.res.headers;
    for (const [header, value] of headers) told.set(header, value);
  };
}
