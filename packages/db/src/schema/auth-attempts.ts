import { sql } from "drizzle-orm";
import { check, index, integer, text } from "drizzle-orm/pg-core";
import { auth, instant } from "./auth.ts";

/** Accepted calls of the credential routes by one network (an IPv4 address, an IPv6 /64), within the limit's window. */
export const addressAttempts = auth.table(
  "address_attempts",
  {
    network: text("network").primaryKey(),
    /** In order of time; the limit bounds how many there are. */
    recent: instant("recent").array().notNull(),
    lastAt: instant("last_at").notNull(),
  },
  (table) => [index("address_attempts_last_idx").on(table.lastAt)],
);

/** Attempts to log in since the last that succeeded, by the SHA-256 of the address: of accounts and of no account alike. */
export const accountAttempts = auth.table(
  "account_attempts",
  {
    account: text("account").primaryKey(),
    failures: integer("failures").notNull(),
    lastAt: instant("last_at").notNull(),
  },
  (table) => [
    index("account_attempts_last_idx").on(table.lastAt),
    check("account_attempts_failures_positive", sql`${table.failures} > 0`),
  ],
);
