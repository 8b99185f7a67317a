import { env } from "cloudflare:workers";
import { withTransaction } from "@souk/db/client";
import { sql } from "drizzle-orm";
import { expect, inject, vi } from "vitest";
import { owner } from "./actions.ts";

type Transaction = Parameters<Parameters<typeof withTransaction>[2]>[0];

/** Does something in a transaction that stays open meanwhile. */
export const inTransaction = (work: (transaction: Transaction) => Promise<void>): Promise<void> =>
  withTransaction(env.DATABASE_URL, inject("neon"), work);

/** Until another connection to this database waits for a lock. */
export const untilBlocked = (): Promise<void> =>
  vi.waitFor(
    async () => {
      const { rows } = await owner.execute(
        sql`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(rows).toHaveLength(1);
    },
    { timeout: 10_000 },
  );
