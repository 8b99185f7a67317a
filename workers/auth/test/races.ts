import { env } from "cloudflare:workers";
import { neonConfig } from "@neondatabase/serverless";
import { withTransaction } from "@souk/db/client";
import { sql } from "drizzle-orm";
import { expect, inject, vi } from "vitest";
import { z } from "zod";
import { owner } from "./actions.ts";

type Transaction = Parameters<Parameters<typeof withTransaction>[2]>[0];

/** Does something in a transaction that stays open meanwhile. */
export const inTransaction = (work: (transaction: Transaction) => Promise<void>): Promise<void> =>
  withTransaction(env.DATABASE_URL, inject("neon"), work);

/** Does something just before the next statement that matches goes to the database. */
export function justBefore(statement: RegExp, work: () => Promise<unknown>): void {
  const before: unknown = neonConfig.fetchFunction;
  const send = z.custom<typeof fetch>((value) => typeof value === "function").parse(before);
  neonConfig.fetchFunction = async (url: string, init: RequestInit) => {
    if (typeof init.body === "string" && statement.test(init.body)) {
      neonConfig.fetchFunction = before;
      await work();
    }
    return send(url, init);
  };
}

/** Until so many other connections to this database wait for a lock. */
export const untilBlocked = (count = 1): Promise<void> =>
  vi.waitFor(
    async () => {
      const { rows } = await owner.execute(
        sql`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(rows.length).toBeGreaterThanOrEqual(count);
    },
    { timeout: 10_000 },
  );
