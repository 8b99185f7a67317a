import type { Client } from "pg";

export interface Person {
  id: string;
  email: string;
}

/** Verified accounts, as registration and the mailed link would leave them. */
export async function seedPeople(client: Client, count: number): Promise<Person[]> {
  const people = Array.from({ length: count }, (_, n) => ({
    id: crypto.randomUUID(),
    email: `person${n}@souk.test`,
  }));
  await client.query(
    `INSERT INTO auth.users (id, email, password_hash, first_name, last_name, status, verified_at)
     SELECT p.id, p.email, '$scrypt$none', 'Ada', 'Lovelace', 'active', now() FROM jsonb_to_recordset($1::jsonb) AS p(id uuid, email text)`,
    [JSON.stringify(people)],
  );
  return people;
}

/** An alert that the tick of a step crosses; its note is what frame and mail are known by. */
export interface Waiting {
  userId: string;
  /** Whole dollars above the first price. */
  step: number;
  note: string;
}

/** Armed one-shot alerts on gold in dollars. */
export async function seedWaiting(
  client: Client,
  startPrice: number,
  waiting: readonly Waiting[],
): Promise<void> {
  await client.query(
    `INSERT INTO alerts.alerts (id, user_id, metal, currency, alert_type, threshold, unit, karat, mode, hysteresis_percent, cooldown_seconds, start,
       note, active, state, created_at, updated_at)
     SELECT gen_random_uuid(), w."userId", 'XAU', 'USD', 'above', $2::int + w.step, 'toz', 24, 'one_shot', 1, 0, 'now', w.note, true, 'armed', now(), now()
     FROM jsonb_to_recordset($1::jsonb) AS w("userId" uuid, step int, note text)`,
    [JSON.stringify(waiting), startPrice],
  );
}
