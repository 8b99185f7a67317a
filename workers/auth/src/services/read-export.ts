import { emailChanges, exportParts, exports } from "@souk/db/schema/auth-account-life";
import { apiKeys } from "@souk/db/schema/auth-api-keys";
import { identities } from "@souk/db/schema/auth-identities";
import { sessions, users } from "@souk/db/schema/auth";
import { totpFactors, trustedDevices } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { HOLDERS } from "@souk/kit/personal-data";
import { requireActor } from "@souk/kit/route";
import { and, eq, gt } from "drizzle-orm";
import type { Env } from "../env.ts";
import type { PersonExport } from "../account-life-schemas.ts";
import { accountColumns } from "./account-columns.ts";
import { checkSession } from "./check-session.ts";

/** A session as its owner may see it. */
const sessionColumns = {
  id: sessions.id,
  userAgent: sessions.userAgent,
  device: sessions.device,
  ip: sessions.ip,
  createdAt: sessions.createdAt,
  refreshedAt: sessions.refreshedAt,
  revokedAt: sessions.revokedAt,
};

/** A trusted device, without what would prove it. */
const deviceColumns = {
  userAgent: trustedDevices.userAgent,
  ip: trustedDevices.ip,
  createdAt: trustedDevices.createdAt,
  lastUsedAt: trustedDevices.lastUsedAt,
  expiresAt: trustedDevices.expiresAt,
};

/** An identity, without the provider's token. */
const identityColumns = {
  provider: identities.provider,
  subject: identities.subject,
  email: identities.email,
  createdAt: identities.createdAt,
  lastUsedAt: identities.lastUsedAt,
};

/** An API key, without what would prove it. */
const keyColumns = {
  id: apiKeys.id,
  name: apiKeys.name,
  scopes: apiKeys.scopes,
  createdAt: apiKeys.createdAt,
  expiresAt: apiKeys.expiresAt,
  lastUsedAt: apiKeys.lastUsedAt,
  revokedAt: apiKeys.revokedAt,
};

const changeColumns = {
  oldEmail: emailChanges.oldEmail,
  newEmail: emailChanges.newEmail,
  requestedAt: emailChanges.requestedAt,
  doneAt: emailChanges.doneAt,
};

/**
 * The copy of their data that the actor asked for last, with their account and sessions as they are now.
 * @throws AppError unauthorized when the session has ended; not_found: none was asked for, or it has expired
 */
export async function readExport(context: Context<Env>): Promise<PersonExport> {
  const { userId } = requireActor(context);
  await checkSession(context);
  const { db } = context;
  const [copies, account, opened, factors, devices, changes, linked, keys] = await db.batch([
    db
      .select({ copy: exports, part: exportParts })
      .from(exports)
      .leftJoin(
        exportParts,
        and(eq(exportParts.userId, exports.userId), eq(exportParts.exportId, exports.id)),
      )
      .where(and(eq(exports.userId, userId), gt(exports.expiresAt, context.now()))),
    db
      .select({
        ...accountColumns,
        createdAt: users.createdAt,
        bannedAt: users.bannedAt,
        banReason: users.banReason,
        banExpiresAt: users.banExpiresAt,
      })
      .from(users)
      .where(eq(users.id, userId)),
    db.select(sessionColumns).from(sessions).where(eq(sessions.userId, userId)),
    db
      .select({ createdAt: totpFactors.createdAt, confirmedAt: totpFactors.confirmedAt })
      .from(totpFactors)
      .where(eq(totpFactors.userId, userId)),
    db.select(deviceColumns).from(trustedDevices).where(eq(trustedDevices.userId, userId)),
    db.select(changeColumns).from(emailChanges).where(eq(emailChanges.userId, userId)),
    db.select(identityColumns).from(identities).where(eq(identities.userId, userId)),
    db.select(keyColumns).from(apiKeys).where(eq(apiKeys.userId, userId)),
  ]);
  const [first] = copies;
  if (first === undefined) throw new AppError("not_found", "You have asked for no copy, or it has expired.");
  const parts = new Map(copies.flatMap(({ part }) => (part === null ? [] : [[part.service, part.data]])));
  const ready = HOLDERS.every((service) => parts.has(service));
  const own = {
    users: account,
    sessions: opened,
    totp_factors: factors,
    trusted_devices: devices,
    email_changes: changes,
    identities: linked,
    api_keys: keys,
  };
  return {
    status: ready ? "ready" : "preparing",
    requestedAt: first.copy.requestedAt.toISOString(),
    expiresAt: first.copy.expiresAt.toISOString(),
    data: ready ? { auth: own, ...Object.fromEntries(parts) } : null,
  };
}
