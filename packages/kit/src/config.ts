import { z } from "zod";
import { LOG_LEVELS } from "./log.ts";

/** What every Worker's environment has. */
export const BaseEnv = z.object({
  VERSION: z.string().min(1),
  LOG_LEVEL: z.enum(LOG_LEVELS),
  /** Where spans go by OTLP/HTTP, without /v1/traces; empty for nowhere. */
  OTLP_ENDPOINT: z.union([z.literal(""), z.url()]).optional(),
});

/** What a Worker with a database role has besides. An empty NEON_ENDPOINT means Neon's own, by the host in DATABASE_URL. */
export const DatabaseEnv = BaseEnv.extend({
  DATABASE_URL: z.string().startsWith("postgres"),
  NEON_ENDPOINT: z.union([z.literal(""), z.url()]),
  /** A round trip to the database that takes this many milliseconds or more is warned of. */
  SLOW_QUERY_MS: z.coerce.number().min(0),
});

/** What a Worker that consumes events has besides: seconds that the first repeat of a failed delivery waits at most; later ones wait longer. */
export const RetrySeconds = z.coerce.number().min(0).max(60);

/** A schema for a binding (service, queue, Durable Object namespace, assets): only its presence can be checked. */
export const binding = <T>() =>
  z.custom<T>((value) => value !== undefined && value !== null, "binding missing");

/** A variable that holds JSON, parsed by the schema. */
export const jsonVariable = <S extends z.ZodType>(schema: S) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: "not JSON" });
        return z.NEVER;
      }
    })
    .pipe(schema);

const parsed = new WeakMap<object, unknown>();

/**
 * A Worker's environment, parsed once per isolate.
 * @throws Error that names each missing or wrong key, never its value
 */
export function parseEnv<S extends z.ZodType>(schema: S, env: object): z.output<S> {
  const known = parsed.get(env);
  if (known !== undefined) return known as z.output<S>;
  const result = schema.safeParse(env);
  if (!result.success) {
    const problems = result.error.issues
      .map((issue) => `${issue.path.join(".")}: ${issue.message}`)
      .join("; ");
    throw new Error(`Bad environment: ${problems}`);
  }
  parsed.set(env, result.data);
  return result.data;
}
