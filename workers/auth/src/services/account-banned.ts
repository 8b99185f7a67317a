import { AppError } from "@souk/kit/errors";

/** A ban as it stands in the account's row. */
interface Ban {
  bannedAt: Date | null;
  banReason: string | null;
  banExpiresAt: Date | null;
}

/** Whether there is a ban that has not expired. */
export const isBanned = ({ bannedAt, banExpiresAt }: Ban, now: Date): boolean =>
  bannedAt !== null && (banExpiresAt === null || banExpiresAt > now);

/** What a banned person with the right password is told: the reason and the end. */
export function accountBanned({ banReason, banExpiresAt }: Ban): AppError {
  const until = banExpiresAt === null ? "for good" : `until ${banExpiresAt.toISOString()}`;
  return new AppError("account_banned", `This account is banned ${until}: ${banReason}`);
}
