import type { Client } from "pg";

interface Row {
  id: string;
  user_id: string;
  alert_type: string;
  threshold_toz: string;
}

/**
 * The peer: reads every active alert, compares each with the price in the program, and then fires the crossed ones in one transaction.
 * @returns how many fired
 */
export async function evaluateNaively(client: Client, price: number): Promise<number> {
  const { rows } = await client.query<Row>(
    "SELECT id, user_id, alert_type, threshold_toz FROM alerts.alerts WHERE active AND state = 'armed'",
  );
  const crossed = rows.filter(({ alert_type: type, threshold_toz: threshold }) =>
    type === "above" ? price >= Number(threshold) : price <= Number(threshold),
  );
  const ids = crossed.map(({ id }) => id);
  await client.query("BEGIN");
  await client.query(
    `UPDATE alerts.alerts SET state = CASE mode WHEN 'one_shot' THEN 'done' ELSE 'waiting' END, active = (mode = 'recurring'), last_triggered_at = now()
     WHERE id = ANY ($1)`,
    [ids],
  );
  await client.query(
    `INSERT INTO alerts.alert_history (id, alert_id, user_id, price_history_id, triggered_at, value, threshold, unit, karat, quoted_at, sources)
     SELECT gen_random_uuid(), a.id, a.user_id, h.id, now(), $2, a.threshold, a.unit, a.karat, h.quoted_at, 3
     FROM alerts.alerts a, alerts.price_history h WHERE a.id = ANY ($1) AND h.evaluated_at IS NULL`,
    [ids, price],
  );
  await client.query("UPDATE alerts.price_history SET evaluated_at = now() WHERE evaluated_at IS NULL");
  await client.query("COMMIT");
  return ids.length;
}
