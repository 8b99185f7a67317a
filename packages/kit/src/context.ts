import { httpDatabase, type Database, type Observe } from "@souk/db/client";
import type { z } from "zod";
import type { Actor } from "./actor.ts";
import type { BaseEnv } from "./config.ts";
import { watchDatabase, type DatabaseUse } from "./database-log.ts";
import { databaseWork } from "./database-span.ts";
import { uuidv7 } from "./ids.ts";
import { createLogger, describeError, type Logger } from "./log.ts";
import type { EventsService } from "./rpc.ts";
import { spansOf, type Spans } from "./spans.ts";
import { startSpan, traceparent, type Trace } from "./trace.ts";

type AnyEnv = z.infer<typeof BaseEnv>;
type MaybeDatabaseEnv = AnyEnv & {
  DATABASE_URL?: string;
  NEON_ENDPOINT?: string;
  SLOW_QUERY_MS?: number;
  EVENTS?: EventsService;
};

/** What a verb is given: who acts, the parsed environment, the database, time, ids, log and trace. */
export interface Context<Env extends AnyEnv = AnyEnv> {
  service: string;
  actor: Actor | null;
  env: Env;
  db: Database;
  /** What `db` has been waited for. */
  databaseUse: DatabaseUse;
  log: Logger;
  now: () => Date;
  /** A new UUIDv7. */
  newId: () => string;
  requestId: string;
  trace: Trace;
  /** What is told to a collector; null when nobody collects. */
  spans: Spans | null;
  /** Runs after the answer; a failure is logged. */
  after: (work: Promise<unknown>) => void;
  /** Set by whoever appends events, read once by `finish`. */
  appended: { events: boolean };
}

interface Origin {
  service: string;
  waitUntil: (work: Promise<unknown>) => void;
  traceparent?: string | null | undefined;
  tracestate?: string | null | undefined;
  requestId?: string | undefined;
  actor?: Actor | null;
  now?: () => Date;
}

/** The context of one invocation: a request, an RPC call, a queue message or a cron run. */
export function createContext<Env extends AnyEnv>(env: Env & MaybeDatabaseEnv, origin: Origin): Context<Env> {
  const clock = () => new Date();
  const now = origin.now ?? clock;
  const trace = startSpan(origin.traceparent, origin.tracestate);
  const requestId = origin.requestId ?? crypto.randomUUID();
  const spans = spansOf(env.OTLP_ENDPOINT, trace, clock);
  const log = createLogger(env.LOG_LEVEL, clock, {
    service: origin.service,
    requestId,
    traceId: trace.traceId,
  });
  const databaseUse: DatabaseUse = { roundTrips: 0, ms: 0 };
  const traceDatabase: Observe | undefined = spans
    ? (_ms, details) => spans.child(databaseWork(details()))
    : undefined;
  let db: Database | undefined;
  return {
    service: origin.service,
    actor: origin.actor ?? null,
    env,
    get db() {
      if (env.DATABASE_URL === undefined) throw new Error(`${origin.service} has no database`);
      db ??= httpDatabase(
        env.DATABASE_URL,
        env.NEON_ENDPOINT ?? "",
        watchDatabase(databaseUse, log, {
          level: env.LOG_LEVEL,
          slowMs: env.SLOW_QUERY_MS ?? Number.POSITIVE_INFINITY,
          also: traceDatabase,
        }),
      );
      return db;
    },
    databaseUse,
    log,
    now,
    newId: () => uuidv7(now()),
    requestId,
    trace,
    spans,
    after: (work) =>
      origin.waitUntil(
        work.catch((error: unknown) =>
          log.error("work after the answer failed", { error: describeError(error) }),
        ),
      ),
    appended: { events: false },
  };
}

/** Ends an invocation: if it appended events, the events Worker is woken once, after the answer. The minute sweep is the safety net. */
export function finish(context: Context<MaybeDatabaseEnv>): void {
  if (!context.appended.events || context.env.EVENTS === undefined) return;
  context.appended.events = false;
  context.after(context.env.EVENTS.wake(traceparent(context.trace)));
}
