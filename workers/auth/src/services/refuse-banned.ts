import type { users } from "@souk/db/schema/auth";
import { AppError } from "@souk/kit/errors";

type Ban = Pick<typeof users.$inferSelect, "bannedAt" | "banReason" | "banExpiresAt">;

/** Refuses an account whose ban has not expired. @throws AppError account_banned, with the reason and the end */
export function refuseBanned({ bannedAt, banReason, banExpiresAt }: Ban, now: Date): void {
  if (bannedAt === null || (banExpiresAt !== null && banExpiresAt <= now)) return;
  const until = banExpiresAt === null ? "for good" : `until ${banExpiresAt.toISOString()}`;
  throw new AppError("account_banned", `This account is banned ${until}: ${banReason}`);
}
