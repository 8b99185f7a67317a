import { stopwatch } from "@souk/db/stopwatch";
import type { Context as HonoContext, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { z } from "zod";
import type { Actor } from "./actor.ts";
import { parseEnv, type BaseEnv } from "./config.ts";
import { createContext, finish, type Context } from "./context.ts";
import { requestWork } from "./request-span.ts";
import { sendSpansSoon } from "./spans.ts";

export type AnyEnv = z.infer<typeof BaseEnv>;
export type AppTypes<Env extends AnyEnv> = { Bindings: object; Variables: { context: Context<Env> } };

/** What became of a request. */
export interface Answer {
  method: string;
  path: string;
  /** The route's template. */
  route: string;
  status: number;
  ms: number;
}

/** Told of each request when it begins and when it is answered. */
export interface Observer<Env extends AnyEnv> {
  begin: () => void;
  end: (context: Context<Env>, answer: Answer) => void;
}

/** Outside workerd (Deno, Bun, tests in Node) there is no execution context; the work then simply runs. */
function waitUntil(c: HonoContext, work: Promise<unknown>): void {
  try {
    c.executionCtx.waitUntil(work);
  } catch {
    // The work goes on by itself.
  }
}

/**
 * Middleware that opens each request's context (`c.get("context")`), logs one line and keeps a span when it is answered and wakes `events` where needed.
 * @param read what the request itself is believed about: its id and its actor
 * @param observer counts
 */
export const requestContext =
  <Env extends AnyEnv>(
    schema: z.ZodType<Env>,
    service: string,
    read: (headers: Headers) => { requestId: string | undefined; actor: Actor | null },
    observer?: Observer<Env>,
  ): MiddlewareHandler<AppTypes<Env>> =>
  async (c, next) => {
    const context = createContext<Env>(parseEnv(schema, c.env), {
      service,
      waitUntil: (work) => waitUntil(c, work),
      traceparent: c.req.header("traceparent"),
      tracestate: c.req.header("tracestate"),
      ...read(c.req.raw.headers),
    });
    c.set("context", context);
    const passed = stopwatch();
    observer?.begin();
    await next();
    const answer: Answer = {
      method: c.req.method,
      path: c.req.path,
      route: routePath(c),
      status: c.res.status,
      ms: passed(),
    };
    observer?.end(context, answer);
    const fields: Record<string, unknown> = { ...answer };
    if (context.databaseUse.roundTrips > 0) fields["database"] = context.databaseUse;
    if (context.actor !== null) fields["userId"] = context.actor.userId;
    if (context.actor?.impersonatedBy !== undefined) fields["impersonatedBy"] = context.actor.impersonatedBy;
    context.log.info("request", fields);
    context.spans?.own(requestWork(context, answer, c.req.raw));
    sendSpansSoon(context);
    finish(context);
  };
