import type { Settings } from "./settings.ts";

/** One thing that an admin set otherwise: what it was and what it is; null where nothing is set. */
export interface SettingChange {
  setting: string;
  before: unknown;
  after: unknown;
}

/** Every single setting by its name: `maintenance`, `closedRoutes/POST /api/v1/alerts`, `flags/new-checkout`, `quotas/premium`. */
function singly({ maintenance, closedRoutes, flags, quotas }: Settings): Map<string, unknown> {
  return new Map<string, unknown>([
    ...(maintenance === null ? [] : [["maintenance", maintenance] as const]),
    ...closedRoutes.map((route) => [`closedRoutes/${route}`, true] as const),
    ...Object.entries(flags).map(([flag, share]) => [`flags/${flag}`, share] as const),
    ...quotas.map(({ for: whom, limit, until }) => [`quotas/${whom}`, { limit, until }] as const),
  ]);
}

/** What differs between two settings, and nothing that does not. */
export function changesOf(before: Settings, after: Settings): SettingChange[] {
  const [old, now] = [singly(before), singly(after)];
  const names = new Set([...old.keys(), ...now.keys()]);
  return [...names].flatMap((setting) => {
    const change = { setting, before: old.get(setting) ?? null, after: now.get(setting) ?? null };
    return JSON.stringify(change.before) === JSON.stringify(change.after) ? [] : [change];
  });
}
