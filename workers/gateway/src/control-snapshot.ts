import { z } from "zod";
import { NO_SETTINGS, Settings } from "./control/settings.ts";

/** What every gateway isolate must know soon. Fields are only added, each with a default, so that either side may be the newer one. */
export const ControlSnapshot = z.object({
  version: z.literal(1),
  /** How long ago the ended sessions were read, in milliseconds: an age, since two machines' clocks differ. The rest is of now. */
  ageMs: z.number().min(0),
  /** Ids of ended sessions, for as long as an access token of theirs may live. */
  revokedSessions: z.array(z.uuid()).default([]),
  /** In their place when there are many: the ends of the ids (`control/session-tails.ts`). */
  revokedTails: z.instanceof(Uint8Array<ArrayBuffer>).optional(),
  settings: Settings.default(NO_SETTINGS),
  /** When each tag was purged, in milliseconds since 1970; under `ALL`, everything. */
  purges: z.record(z.string(), z.number()).default({}),
});
export type ControlSnapshot = z.infer<typeof ControlSnapshot>;

/** In `purges`: no tag is named so. */
export const ALL = "";
