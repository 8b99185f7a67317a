import { sql } from "drizzle-orm";
import { check, index, integer, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { auth, instant, users } from "./auth.ts";

/** Sign-ins by mail that were begun, for addresses without an account too. Code and token follow from `mailId`; neither is stored. */
export const mailSignIns = auth.table(
  "mail_sign_ins",
  {
    id: uuid("id").primaryKey(),
    /** SHA-256 of the secret that only the app that began it has. */
    flowHash: text("flow_hash").notNull(),
    /** What attempts at the address are counted by; of an address that the account left since it is void. */
    account: text("account").notNull(),
    userId: uuid("user_id").references(() => users.id, { onDelete: "cascade" }),
    /** The sign-in whose mail is good for this one: itself, or the one of less than a minute before; null where none was mailed. */
    mailId: uuid("mail_id"),
    tries: integer("tries").notNull().default(0),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
  },
  (table) => [
    uniqueIndex("mail_sign_ins_flow_key").on(table.flowHash),
    index("mail_sign_ins_user_idx").on(table.userId, table.createdAt),
    index("mail_sign_ins_expires_idx").on(table.expiresAt),
    check("mail_sign_ins_tries_bounded", sql`${table.tries} BETWEEN 0 AND 5`),
    check("mail_sign_ins_expire_later", sql`${table.expiresAt} > ${table.createdAt}`),
    check("mail_sign_ins_mail_has_receiver", sql`${table.mailId} IS NULL OR ${table.userId} IS NOT NULL`),
  ],
);
