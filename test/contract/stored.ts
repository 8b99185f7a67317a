import type pg from "pg";
import { z } from "zod";
import { eventually } from "../http.ts";
import { call } from "./call.ts";
import type { World } from "./sound-requests.ts";

const Tables = z.array(z.object({ name: z.string() }));
const Rows = z.array(z.object({ place: z.string(), row: z.string() }));

/** Of its rows those with an hour are attempts. */
const ATTEMPTS = "auth.security_events";

/**
 * What the platform keeps of people: each row that mentions one of them, the event log's among them, and what is told of their
 * conversation and of the settings, which live in objects. Attempts are counted by hashes, which mention nobody: refused ones must count, and stand in the person's security log.
 */
export async function storedOf(client: pg.Client, world: World, people: string[]): Promise<string[]> {
  const { rows: tables } = await client.query(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  const every = Tables.parse(tables).map(
    ({ name }) =>
      `SELECT '${name}' AS place, x::text AS row FROM ${name} x WHERE x::text ~ $1 ${name === ATTEMPTS ? "AND x.hour IS NULL" : ""}`,
  );
  const { rows } = await client.query(`${every.join(" UNION ALL ")} ORDER BY 1, 2`, [people.join("|")]);
  const conversation = `/api/v1/conversations/${world.conversationId}`;
  const objects = [
    ...["", "/messages", "/members", "/pins", "/messages/1/edits"].map((part) => ({
      path: conversation + part,
      token: world.ada.accessToken,
    })),
    { path: "/api/v1/admin/control", token: world.admin.accessToken },
  ];
  const told = await Promise.all(
    objects.map(async ({ path, token }) => {
      const { status, text } = await call({ method: "GET", path }, { token });
      return `${path} ${status} ${text}`;
    }),
  );
  return [...Rows.parse(rows).map(({ place, row }) => `${place} ${row}`), ...told];
}

/** The same, once everything that was under way has arrived: nothing is unsent, and nothing changes for a second. */
export async function settledOf(client: pg.Client, world: World, people: string[]): Promise<string[]> {
  let last: string[] = [];
  let since = Date.now();
  return eventually("nothing changes any more", async () => {
    const stored = await storedOf(client, world, people);
    if (stored.join("\n") !== last.join("\n")) since = Date.now();
    last = stored;
    const { rowCount } = await client.query("SELECT FROM events.log WHERE sent_at IS NULL LIMIT 1");
    return rowCount === 0 && Date.now() - since > 1_000 ? stored : undefined;
  });
}
