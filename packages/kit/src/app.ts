import { OpenAPIHono, type Hook } from "@hono/zod-openapi";
import { sql } from "drizzle-orm";
import type { z } from "zod";
import { actorOf } from "./actor.ts";
import type { BaseEnv } from "./config.ts";
import type { Context } from "./context.ts";
import { AppError } from "./errors.ts";
import { answerFailures } from "./failures.ts";
import { health } from "./health.ts";
import { describeError } from "./log.ts";
import { requestContext, type AppTypes } from "./request-context.ts";

type AnyEnv = z.infer<typeof BaseEnv>;
export type App<Env extends AnyEnv> = OpenAPIHono<AppTypes<Env>>;

/** The id that the gateway gave the request. */
export const REQUEST_ID_HEADER = "x-request-id";

/** Refuses a request that its route's schema does not take. @throws AppError validation_failed */
export const refuseInvalid = <Env extends AnyEnv>(
  ...[result]: Parameters<Hook<unknown, AppTypes<Env>, string, unknown>>
): void => {
  if (result.success) return;
  const details = result.error.issues.map((issue) => ({
    field: issue.path.join("."),
    message: issue.message,
  }));
  throw new AppError("validation_failed", "Correct the fields named in `details`.", { details });
};

/**
 * The Hono app of a domain Worker: environment, context (`c.get("context")`), request log, problem answers, `/health` and `/ready`.
 * @param schema the Worker's environment
 * @param service its name
 */
export function createApp<Env extends AnyEnv>(schema: z.ZodType<Env>, service: string): App<Env> {
  const app = new OpenAPIHono<AppTypes<Env>>({ defaultHook: refuseInvalid });

  app.use(
    requestContext(schema, service, (headers) => ({
      requestId: headers.get(REQUEST_ID_HEADER) ?? undefined,
      actor: actorOf(headers),
    })),
  );
  answerFailures(app, service);

  app.get("/health", (c) => c.json(health(c.get("context"))));
  app.get("/ready", async (c) => {
    const { env, db, log } = c.get("context") as Context<Env & { DATABASE_URL?: string }>;
    try {
      if (env.DATABASE_URL !== undefined) await db.execute(sql`SELECT 1`);
      return c.json({ ready: true });
    } catch (error) {
      log.error("not ready", { error: describeError(error) });
      throw new AppError("unavailable", `${service} cannot reach its database.`, { retryAfter: 10 });
    }
  });
  return app;
}
