import type { ControlSnapshot } from "../control-snapshot.ts";
import { SessionTails } from "./session-tails.ts";
import type { Settings } from "./settings.ts";

/** What operators set, ready to be looked up at each request. */
export interface KnownSettings {
  maintenance: Settings["maintenance"];
  closedRoutes: ReadonlySet<string>;
  flags: Settings["flags"];
  quotas: ReadonlyMap<string, { limit: number; until: number }>;
  /** When each tag was purged, in milliseconds since 1970. */
  purges: ReadonlyMap<string, number>;
  /** When it was asked for, in milliseconds since 1970. */
  asOf: number;
}

/** The ended sessions, and since when nothing newer is known of them. */
export interface KnownSessions {
  revokedSessions: { has: (sessionId: string) => boolean };
  asOf: number;
}

export const knownSettings = ({ settings, purges }: ControlSnapshot, asOf: number): KnownSettings => ({
  maintenance: settings.maintenance,
  closedRoutes: new Set(settings.closedRoutes),
  flags: settings.flags,
  quotas: new Map(
    settings.quotas.map(({ for: whom, limit, until }) => [whom, { limit, until: Date.parse(until) }]),
  ),
  purges: new Map(Object.entries(purges)),
  asOf,
});

export const knownSessions = (
  { revokedSessions, revokedTails }: ControlSnapshot,
  asOf: number,
): KnownSessions => ({
  revokedSessions: revokedTails === undefined ? new Set(revokedSessions) : new SessionTails(revokedTails),
  asOf,
});
