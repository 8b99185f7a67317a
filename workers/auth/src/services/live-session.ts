import { sessions } from "@souk/db/schema/auth";
import { and, gt, isNull, type SQL } from "drizzle-orm";
import { later, LIMITS } from "../limits.ts";

/** SQL that is true for sessions that are neither ended nor past their age or idle limit. */
export const liveSession = (now: Date): SQL | undefined =>
  and(
    isNull(sessions.revokedAt),
    gt(sessions.expiresAt, now),
    gt(sessions.refreshedAt, later(now, -LIMITS.sessionIdle)),
  );
