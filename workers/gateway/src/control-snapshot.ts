import { z } from "zod";

/** What every gateway isolate must know soon. Fields are only added, each with a default, so that either side may be the newer one. */
export const ControlSnapshot = z.object({
  version: z.literal(1),
  /** How long ago it was true, in milliseconds: an age, since two machines' clocks differ. */
  ageMs: z.number().min(0),
  /** Ids of ended sessions, for as long as an access token of theirs may live. */
  revokedSessions: z.array(z.uuid()).default([]),
});
export type ControlSnapshot = z.infer<typeof ControlSnapshot>;

/** What is stored of it, and since when it has been true. */
export interface KnownControl {
  revokedSessions: ReadonlySet<string>;
  asOf: number;
}
