import { trustedDevices } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { sql } from "drizzle-orm";
import type { Device } from "../session-schemas.ts";
import type { Proof } from "./open-session.ts";

/** The proof that a session is opened on a trusted device; it fails when the trust was withdrawn at the same moment. */
export function trustDevice(context: Context, deviceId: string, device: Device): Proof {
  const now = sql`${context.now().toISOString()}::timestamptz`;
  return {
    ctes: sql`trusted AS (
      UPDATE ${trustedDevices} SET last_used_at = ${now}, user_agent = ${device.userAgent}, ip = ${device.ip}
      WHERE id = ${deviceId}::uuid AND expires_at > ${now} RETURNING id
    ),`,
    holds: sql`EXISTS (SELECT FROM trusted)`,
  };
}
