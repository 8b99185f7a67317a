import { SOURCES } from "../../../local/prices/faults.ts";
import type { MailFault } from "../../../local/mail/faults.ts";
import fc from "fast-check";
import { GRAMS, KARATS, UNITS } from "@souk/db/schema/alerts";
import type { Mishap } from "./invocation.ts";
import { LIES } from "./market.ts";

const mishapWithin = (steps: number) =>
  fc.option(
    fc.record<Mishap>({
      step: fc.integer({ min: 0, max: steps - 1 }),
      kind: fc.constantFrom("dies before", "dies after", "fails before", "fails after"),
    }),
    { nil: undefined, freq: 2 },
  );
const mishap = mishapWithin(7);

/** Alerts near a price of 100, as the naive alert of the alerts Worker's tests knows them. */
const alertSpec = fc.record({
  type: fc.constantFrom("above" as const, "below" as const),
  threshold: fc.integer({ min: 98, max: 102 }),
  unit: fc.constantFrom(...UNITS.filter((unit) => unit in GRAMS)),
  karat: fc.constantFrom(...KARATS),
  mode: fc.constantFrom("one_shot" as const, "recurring" as const),
  hysteresisPercent: fc.constantFrom(0, 1),
  cooldownSeconds: fc.constantFrom(0, 600),
  start: fc.constantFrom("now" as const, "now" as const, "crossing" as const),
});

const user = fc.integer({ min: 0, max: 2 });
const queue = fc.constantFrom("notifications" as const, "email-bulk" as const);
const anyQueue = fc.constantFrom(
  "notifications" as const,
  "notifications" as const,
  "email-bulk" as const,
  "email-bulk" as const,
  "dead-letters" as const,
);
/** Cheap faults; those that cost a timeout of seconds are in test/faults/mail.test.ts. */
const mail = fc.constantFrom<MailFault["mode"]>(
  "none",
  "none",
  "none",
  "refuse",
  "temporary-failure",
  "reject-recipient",
  "drop-during-data",
  "drop-after-data",
);
const atOnce = fc.constantFrom(1, 1, 1, 2, 3);
const lie = fc.constantFrom("none" as const, "none" as const, "none" as const, ...LIES);

const alert = fc.record({
  op: fc.constant("alert" as const),
  user,
  spec: alertSpec,
  /** Whether it is known again by an `Idempotency-Key` or by its client id. */
  keyed: fc.boolean(),
  atOnce,
  mishap,
});
const poll = fc.record({
  op: fc.constant("poll" as const),
  /** Half dollars from 98: no two of these prices are so far apart that the outlier guard refuses. */
  price: fc.integer({ min: 0, max: 8 }),
  /** Buckets of five minutes since the last one; more than one is a run that was missed. */
  buckets: fc.integer({ min: 1, max: 4 }),
  lies: fc.tuple(...SOURCES.map(() => lie)),
  atOnce,
  mishap,
  /** Befalls the drain that this poll wakes. */
  wakeMishap: mishap,
});
const deliver = fc.record({
  op: fc.constant("deliver" as const),
  queue: anyQueue,
  picks: fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 4 }),
  atOnce: fc.constantFrom(1, 1, 1, 2),
  mail,
  mishap,
});
const sweep = fc.record({ op: fc.constant("sweep" as const), atOnce, mishap });
const repeat = fc.record({ op: fc.constant("repeat" as const), queue, which: fc.nat({ max: 30 }) });
/** As if it had failed so often that the next failure is its last. */
const tire = fc.record({ op: fc.constant("tire" as const), queue, which: fc.nat({ max: 30 }) });
const poison = fc.record({
  op: fc.constant("poison" as const),
  queue,
  shape: fc.constantFrom("no event" as const, "no data" as const),
});
const replayLetters = fc.record({ op: fc.constant("replay letters" as const), mishap });
/** A message fails for the last time and becomes a dead letter, which is replayed: read, sent and marked. */
const bury = fc.record({
  op: fc.constant("bury" as const),
  queue,
  which: fc.nat({ max: 30 }),
  mishap: mishapWithin(3),
});
const timePasses = fc.record({ op: fc.constant("time passes" as const) });

const op = fc.oneof(
  { arbitrary: alert, weight: 3 },
  { arbitrary: poll, weight: 5 },
  { arbitrary: deliver, weight: 14 },
  { arbitrary: sweep, weight: 3 },
  { arbitrary: repeat, weight: 2 },
  { arbitrary: tire, weight: 2 },
  { arbitrary: poison, weight: 1 },
  { arbitrary: replayLetters, weight: 1 },
  { arbitrary: bury, weight: 3 },
  { arbitrary: timePasses, weight: 2 },
);

/** What happens, in order; a schedule begins with an honest price and some alerts. Its ids are drawn from its own seed. */
export const schedule = fc.record({
  seed: fc.noShrink(fc.integer()),
  alerts: fc.array(fc.record({ user, spec: alertSpec, keyed: fc.boolean() }), { minLength: 1, maxLength: 5 }),
  ops: fc.array(op, { minLength: 8, maxLength: 24 }),
});

export type Schedule = typeof schedule extends fc.Arbitrary<infer T> ? T : never;
export type Op = Schedule["ops"][number];
export type AlertOp = Schedule["alerts"][number] &
  Partial<Pick<Extract<Op, { op: "alert" }>, "atOnce" | "mishap">>;
