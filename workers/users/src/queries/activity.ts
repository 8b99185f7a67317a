import { metrics } from "@souk/db/schema/users";
import { sql, type SQL } from "drizzle-orm";
import { BEHAVIOUR } from "../metrics.ts";

/** Whether a row of `metrics` tells of something that the person did. */
export const isBehaviour = sql.raw(`metric IN (${BEHAVIOUR.map((metric) => `'${metric}'`).join(", ")})`);

/** The day on which the person last did something that is counted, or null. */
export const lastActiveOn = (userId: SQL): SQL =>
  sql`(SELECT max(day)::text FROM ${metrics} WHERE user_id = ${userId} AND ${isBehaviour})`;
