import { totpFactors, trustedDevices } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { sql, type SQL } from "drizzle-orm";
import { z } from "zod";
import { Account } from "../schemas.ts";
import { accountJson } from "./account-json.ts";
import { hashOneTimeToken } from "./one-time-token.ts";
import { StoredMoment } from "./stored-moment.ts";

/** An account as a log-in judges it. */
export const LogInPerson = z.object({
  user: Account,
  passwordHash: z.string().nullable(),
  passwordVersion: z.int(),
  /** Whether a confirmed second factor is on. */
  secondFactor: z.boolean(),
  bannedAt: StoredMoment.nullable(),
  banReason: z.string().nullable(),
  banExpiresAt: StoredMoment.nullable(),
  /** The trusted device that the token names, when it is this person's. */
  deviceId: z.uuid().nullable(),
});
export type LogInPerson = z.infer<typeof LogInPerson>;

/** SQL: the account `person` as a JSON object that `LogInPerson` parses. */
export const logInPersonJson = (context: Context, deviceToken: string | undefined): SQL =>
  sql`jsonb_build_object(
    'user', ${accountJson},
    'passwordHash', password_hash,
    'passwordVersion', password_version,
    'bannedAt', banned_at,
    'banReason', ban_reason,
    'banExpiresAt', ban_expires_at,
    'secondFactor', EXISTS (SELECT FROM ${totpFactors} AS factor WHERE factor.user_id = person.id AND factor.confirmed_at IS NOT NULL),
    'deviceId', (SELECT device.id FROM ${trustedDevices} AS device
      WHERE device.hash = ${hashOneTimeToken(deviceToken ?? "")} AND device.user_id = person.id
        AND device.password_version = person.password_version AND device.expires_at > ${context.now().toISOString()}::timestamptz))`;
