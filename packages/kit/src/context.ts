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

/** What a verb is given: who acts, the parsed environment, the database, time, ids, log and trace. Not to be spread: `db` stays behind. */
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

/** A class, since V8 gives each object that is written with a getter a hidden class of its own, which only a full collection frees. */
class Invocation<Env extends AnyEnv> implements Context<Env> {
  readonly service: string;
  actor: Actor | null;
  readonly env: Env & MaybeDatabaseEnv;
  readonly databaseUse: DatabaseUse = { roundTrips: 0, ms: 0 };
  readonly log: Logger;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly requestId: string;
  readonly trace: Trace;
  readonly spans: Spans | null;
  readonly after: (work: Promise<unknown>) => void;
  readonly appended = { events: false };
  #db: Database | undefined;

  constructor(env: Env & MaybeDatabaseEnv, origin: Origin) {
    const clock = () => new Date();
    const now = origin.now ?? clock;
    this.service = origin.service;
    this.actor = origin.actor ?? null;
    this.env = env;
    this.now = now;
    this.newId = () => uuidv7(now());
    this.requestId = origin.requestId ?? crypto.randomUUID();
    this.trace = startSpan(origin.traceparent, origin.tracestate);
    this.spans = spansOf(env.OTLP_ENDPOINT, this.trace, clock);
    const log = createLogger(env.LOG_LEVEL, clock, {
      service: this.service,
      requestId: this.requestId,
      traceId: this.trace.traceId,
      ...(this.actor?.impersonatedBy !== undefined && {
        userId: this.actor.userId,
        impersonatedBy: this.actor.impersonatedBy,
      }),
    });
    this.log = log;
    this.after = (work) =>
      origin.waitUntil(
        work.catch((error: unknown) =>
          log.error("work after the answer failed", { error: describeError(error) }),
        ),
      );
  }

  get db(): Database {
    return (this.#db ??= this.#connect());
  }

  #connect(): Database {
    const { env, spans } = this;
    if (env.DATABASE_URL === undefined) throw new Error(`${this.service} has no database`);
    const traceDatabase: Observe | undefined = spans
      ? (_ms, details) => spans.child(databaseWork(details()))
      : undefined;
    return httpDatabase(
      env.DATABASE_URL,
      env.NEON_ENDPOINT ?? "",
      watchDatabase(this.databaseUse, this.log, {
        level: env.LOG_LEVEL,
        slowMs: env.SLOW_QUERY_MS ?? Number.POSITIVE_INFINITY,
        also: traceDatabase,
      }),
    );
  }
}

/** The context of one invocation: a request, an RPC call, a queue message or a cron run. */
export const createContext = <Env extends AnyEnv>(
  env: Env & MaybeDatabaseEnv,
  origin: Origin,
): Context<Env> => new Invocation(env, origin);

/** Ends an invocation: if it appended events, the events Worker is woken once, after the answer. The minute sweep is the safety net. */
export function finish(context: Context<MaybeDatabaseEnv>): void {
  if (!context.appended.events || context.env.EVENTS === undefined) return;
  context.appended.events = false;
  context.after(context.env.EVENTS.wake(traceparent(context.trace)));
}
