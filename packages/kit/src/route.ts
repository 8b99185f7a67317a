import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { z } from "zod";
import type { Actor } from "./actor.ts";
import type { Context } from "./context.ts";
import { AppError } from "./errors.ts";
import { may, type Scope } from "./permissions.ts";
import { Problem } from "./problem.ts";
import { unstorableTexts } from "./storable-text.ts";

/**
 * Who may call a route, in rising order (S4-SEC-03: PUBLIC 0, USER 1, FRIEND 2, ADMIN 3): anyone, anyone logged in, anyone logged in whom
 * the object's owner lets see it (the verb asks, and answers 404 to the others), or admins.
 */
export const ACCESS = ["public", "user", "friend", "admin"] as const;
export type Access = (typeof ACCESS)[number];

/** When an operation was deprecated, and when it will be gone, where that is known: ISO 8601. */
export const Lifecycle = z.object({ deprecatedAt: z.iso.datetime(), sunsetAt: z.iso.datetime().optional() });
export type Lifecycle = z.infer<typeof Lifecycle>;
/** How long the gateway keeps an answer that is the same for everyone, in seconds (RFC 9111, RFC 5861). */
export const CachePolicy = z.object({
  maxAge: z.int().min(1),
  /** After `maxAge`: still given, while the Worker is asked anew. */
  staleWhileRevalidate: z.int().min(0),
  /** After `maxAge`: still given, while the Worker fails. */
  staleIfError: z.int().min(0),
  /** Names under which it can be purged, beside its path. */
  tags: z.array(z.string().regex(/^[a-z][a-z0-9-]*$/)).optional(),
  /** Request headers that the answer depends on besides; the Worker is told them. */
  vary: z.array(z.enum(["accept", "accept-language"])).optional(),
});
export type CachePolicy = z.infer<typeof CachePolicy>;

/** The declaration of a route's error answer: `responses: { 409: problem("Taken") }`. */
export const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: Problem } },
});

const ALWAYS = {
  400: problem("The request is malformed or fails validation"),
  401: problem("The access token that was sent is not valid; where one is needed, also none was sent"),
  403: problem("The token's role or the API key's scopes do not suffice"),
  429: problem("Too many requests; repeat after `retryAfter` seconds"),
  500: problem("Something failed on our side"),
  503: problem("A service that is needed does not answer"),
};
const CHANGING = { 413: problem("The body has more than 1 MB") };
const WITH_BODY = { 415: problem("The body is not declared as JSON") };
const CACHED = { 304: { description: "The answer is still the one whose `ETag` came in `If-None-Match`" } };
const BY_ID = { 404: problem("No such object, or not yours") };

/** The actor of a verb that only the logged-in may call. @throws AppError unauthorized */
export function requireActor(context: Pick<Context, "actor">): Actor {
  if (context.actor === null)
    throw new AppError("unauthorized", "Send a valid access token as `Authorization: Bearer ...`.");
  return context.actor;
}

/** The actor of a verb that only admins may call. @throws AppError unauthorized, forbidden */
export function requireAdmin(context: Pick<Context, "actor">): Actor {
  const actor = requireActor(context);
  if (!may(actor.role, "platform:administer")) throw new AppError("forbidden", "Only an admin may do this.");
  return actor;
}

const CHECK: Record<Access, (context: Context) => void> = {
  public: () => {},
  user: requireActor,
  friend: requireActor,
  admin: requireAdmin,
};

/** Refuses who may not call a route of this access. @throws AppError unauthorized, forbidden */
export const requireAccess = (access: Access, context: Context): void => CHECK[access](context);

/** Refuses an API key what its scopes do not open; who came by a session passes. @throws AppError forbidden */
export function requireScope(scope: Scope | undefined, { actor }: Pick<Context, "actor">): void {
  if (actor?.apiKeyId === undefined) return;
  if (scope === undefined) throw new AppError("forbidden", "No API key opens this: it needs a log-in.");
  if (actor.scopes?.includes(scope) !== true)
    throw new AppError("forbidden", `This needs an API key with the scope \`${scope}\`.`);
}

type Guard = MiddlewareHandler<{ Variables: { context: Context } }>;

/** @throws AppError validation_failed when a text of the JSON body cannot be stored */
async function refuseUnstorable(c: Parameters<Guard>[0]): Promise<void> {
  // A body that is not JSON is refused by the route's validator.
  const body: unknown = await c.req.json().catch(() => null);
  const details = unstorableTexts(body);
  if (details.length > 0)
    throw new AppError("validation_failed", "Correct the fields named in `details`.", { details });
}

/**
 * Declares a route: `createRoute` with its access, enforced before anything is parsed, and the error answers that follow from it.
 * A route without a declared access or a description does not compile, so nothing is open by accident and nothing goes unexplained.
 * @throws Error when what is not open to everyone, or no GET, is to be cached
 */
export function defineRoute<
  P extends string,
  R extends Omit<RouteConfig, "path" | "middleware" | "security"> & {
    path: P;
    access: Access;
    operationId: string;
    description: string;
    /** What an API key must have been given to call it; no key may where it is left out. */
    scope?: Scope;
    /** How many requests of the caller's quota one call takes; 1 where it is left out. */
    cost?: number;
    lifecycle?: Lifecycle;
    /** For answers that depend on the path, the declared query and `vary` alone: the gateway asks without telling who wants to know. */
    cache?: CachePolicy;
  },
>(route: R) {
  const { access, cache, cost, lifecycle, scope } = route;
  if (cache !== undefined && (access !== "public" || route.method !== "get"))
    throw new Error(`${route.operationId} may not be cached: only a public GET may`);
  const takesBody = route.request?.body !== undefined;
  const guard: Guard = async (c, next) => {
    requireAccess(access, c.get("context"));
    requireScope(scope, c.get("context"));
    if (takesBody) await refuseUnstorable(c);
    await next();
  };
  return createRoute({
    ...route,
    "x-access": access,
    ...(scope !== undefined && { "x-scope": scope }),
    ...(cost !== undefined && { "x-cost": cost }),
    ...(lifecycle !== undefined && { deprecated: true, "x-lifecycle": lifecycle }),
    ...(cache !== undefined && { "x-cache": cache }),
    security: access === "public" ? [] : [{ bearer: [] }, ...(scope === undefined ? [] : [{ apiKey: [] }])],
    middleware: guard,
    responses: {
      ...ALWAYS,
      ...(route.path.includes("{") ? BY_ID : {}),
      ...(route.method === "get" ? {} : CHANGING),
      ...(takesBody ? WITH_BODY : {}),
      ...(cache === undefined ? {} : CACHED),
      ...route.responses,
    } as typeof ALWAYS & R["responses"],
  });
}
