import assert from "node:assert/strict";
import { REPLAYED_HEADER } from "@souk/kit/idempotency";
import { Problem } from "@souk/kit/problem";
import { z } from "zod";
import { NaiveAlert, perOwnUnit } from "../../../workers/alerts/test/naive-alert.ts";
import { minutesOf } from "./minutes-of.ts";
import type { AlertOp } from "./schedule.ts";
import type { World } from "./world.ts";

const Created = z.object({ id: z.uuid() });
const Current = z.object({ price: z.coerce.number(), quoted_at: z.date() });

/** An alert as it was set, beside the naive one that says when it must fire. */
export interface SetAlert {
  id: string;
  userId: string;
  naive: NaiveAlert;
}

/** Invariant 13, its first half. */
async function problemOf(answer: Response): Promise<z.infer<typeof Problem>> {
  assert.match(answer.headers.get("content-type") ?? "", /application\/problem\+json/);
  const problem = Problem.parse(await answer.json());
  assert.notEqual(problem.requestId, "");
  return problem;
}

/** What was answered to requests that came at once: the same to each, once it is done; of a keyed one that it is under way, until then. */
async function heard(answers: Response[], keyed: boolean): Promise<string[]> {
  const bodies = await Promise.all(
    answers.map(async (answer) => {
      if (answer.status < 300) return [await answer.text()];
      const { code } = await problemOf(answer);
      if (answer.status < 500)
        assert.deepEqual([keyed, answer.status, code], [true, 409, "request_in_flight"]);
      return [];
    }),
  );
  return bodies.flat();
}

/**
 * Has somebody set an alert, by as many requests at once as the schedule says, the first of which something may befall; whoever got no
 * answer asks again. Invariant 10: a key has one effect and one answer, and another body under it is refused.
 * @param number of the alerts set before
 */
export async function setAlert(world: World, op: AlertOp, number: number): Promise<SetAlert> {
  const { user, spec, keyed, atOnce = 1, mishap } = op;
  const userId = world.users[user];
  assert(userId !== undefined);
  const { threshold: _, ...rest } = spec;
  const unit = { ...rest, threshold: perOwnUnit(spec), metal: "XAU", currency: "USD" };
  const body = keyed ? unit : { ...unit, clientId: `alert-${number}` };
  const key = keyed ? `key-${number}` : null;
  const [price] = await world.rows(Current, "SELECT price, quoted_at FROM alerts.prices");
  const results = await Promise.all(
    Array.from({ length: atOnce }, (_none, run) =>
      world.setAlert(userId, body, key, run === 0 ? mishap : undefined),
    ),
  );
  const before = await heard(
    results.flatMap((result) => (result.ended === "ok" ? [result.value] : [])),
    keyed,
  );
  const again = await world.setAlert(userId, body, key);
  assert(again.ended === "ok" && again.value.status < 300, "a repeat is answered");
  const text = await again.value.text();
  const { id } = Created.parse(JSON.parse(text));
  if (keyed) {
    for (const earlier of before) assert.equal(earlier, text, "a key has one answer");
    if (before.length > 0) assert.equal(again.value.headers.get(REPLAYED_HEADER), "true");
    const other = await world.setAlert(userId, { ...body, note: "another" }, key);
    assert(other.ended === "ok" && other.value.status === 422, "another body under the same key is refused");
    assert.equal((await problemOf(other.value)).code, "idempotency_key_reused");
  } else for (const earlier of before) assert.equal(Created.parse(JSON.parse(earlier)).id, id);
  const start = price ? { value: price.price, at: minutesOf(price.quoted_at) } : null;
  return { id, userId, naive: new NaiveAlert(spec, start) };
}
