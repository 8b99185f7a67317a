import { z } from "zod";

const said = z.union([z.string(), z.number()]).optional();

/** The fields that say what a line is about, in the order in which they are shown. */
const Subjects = z.object({
  method: said,
  path: said,
  status: said,
  caller: said,
  eventType: said,
  attempt: said,
  sent: said,
  template: said,
  outcome: said,
});

/** A log line as the Workers write it, as far as it says something about a trace. */
const Line = Subjects.extend({
  time: z.iso.datetime(),
  level: z.string(),
  service: z.string(),
  message: z.string(),
  traceId: z.string(),
  ms: z.number().optional(),
  database: z.object({ roundTrips: z.number(), ms: z.number() }).optional(),
});

/** One line of a trace. */
export interface Hop {
  service: string;
  /** What was done, with what. */
  what: string;
  level: string;
  /** When it began, ISO 8601: a Worker writes its line at the end. */
  at: string;
  /** How long it took; null when the line does not say. */
  ms: number | null;
  /** How much of it was waiting for the database. */
  database: { roundTrips: number; ms: number } | null;
}

function readLine(text: string): z.infer<typeof Line> | undefined {
  const start = text.indexOf("{");
  if (start < 0) return undefined;
  try {
    return Line.safeParse(JSON.parse(text.slice(start))).data;
  } catch {
    return undefined;
  }
}

/**
 * The hops of one trace, in the order in which they began.
 * @param log the Workers' logs of any number of requests: one JSON line each, whatever stands before it; other lines are passed over
 * @param traceId 32 hex digits, as in `traceparent`
 */
export function hopsOf(log: string, traceId: string): Hop[] {
  return log
    .split("\n")
    .filter((text) => text.includes(traceId))
    .flatMap((text) => readLine(text) ?? [])
    .filter((line) => line.traceId === traceId)
    .map((line) => ({
      service: line.service,
      // zod gives the keys in the order of the schema.
      what: [line.message, ...Object.values(Subjects.parse(line))].join(" "),
      level: line.level,
      at: new Date(Date.parse(line.time) - (line.ms ?? 0)).toISOString(),
      ms: line.ms ?? null,
      database: line.database ?? null,
    }))
    .toSorted((a, b) => a.at.localeCompare(b.at) || (b.ms ?? 0) - (a.ms ?? 0));
}

/** The hops as a table: milliseconds since the trace began, the Worker, what it did, how long that took. */
export function showHops(hops: readonly Hop[]): string {
  const start = Date.parse(hops[0]?.at ?? "");
  const rows = hops.map(({ service, what, level, at, ms, database }) => {
    const since = String(Date.parse(at) - start).padStart(7);
    const took = ms === null ? "" : `${ms} ms`;
    const waited =
      database === null || database.roundTrips === 0
        ? ""
        : `, database ${database.ms} ms in ${database.roundTrips}`;
    const mark = level === "info" || level === "debug" ? "" : ` [${level}]`;
    return `${since} ms  ${service.padEnd(14)} ${what}${mark}  ${took}${waited}`.trimEnd();
  });
  return rows.join("\n");
}
