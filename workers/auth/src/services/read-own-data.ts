import { emailChanges } from "@souk/db/schema/auth-account-life";
import { apiKeys } from "@souk/db/schema/auth-api-keys";
import { identities } from "@souk/db/schema/auth-identities";
import { securityEvents } from "@souk/db/schema/auth-security-events";
import { passkeys } from "@souk/db/schema/auth-passkeys";
import { sessions, users } from "@souk/db/schema/auth";
import { totpFactors, trustedDevices } from "@souk/db/schema/auth-second-factor";
import type { Context } from "@souk/kit/context";
import { and, eq, gt } from "drizzle-orm";
import type { Env } from "../env.ts";
import { accountColumns } from "./account-columns.ts";

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

/** A passkey, without its key. */
const passkeyColumns = {
  name: passkeys.name,
  backedUp: passkeys.backedUp,
  createdAt: passkeys.createdAt,
  lastUsedAt: passkeys.lastUsedAt,
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

const securityColumns = {
  type: securityEvents.type,
  occurredAt: securityEvents.occurredAt,
  count: securityEvents.count,
  device: securityEvents.device,
  ip: securityEvents.ip,
  details: securityEvents.details,
};

const changeColumns = {
  oldEmail: emailChanges.oldEmail,
  newEmail: emailChanges.newEmail,
  requestedAt: emailChanges.requestedAt,
  doneAt: emailChanges.doneAt,
};

/** What this service itself holds of a person, by table, for their copy; nothing that would prove who somebody is. */
export async function readOwnData({ db }: Context<Env>, userId: string): Promise<Record<string, unknown[]>> {
  const [account, opened, factors, devices, changes, linked, keys, happened, theirPasskeys] = await db.batch([
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
    db
      .select(securityColumns)
      .from(securityEvents)
      .where(and(eq(securityEvents.userId, userId), gt(securityEvents.count, 0))),
    db.select(passkeyColumns).from(passkeys).where(eq(passkeys.userId, userId)),
  ]);
  return {
    users: account,
    sessions: opened,
    totp_factors: factors,
    trusted_devices: devices,
    email_changes: changes,
    identities: linked,
    api_keys: keys,
    security_events: happened,
    passkeys: theirPasskeys,
  };
}
