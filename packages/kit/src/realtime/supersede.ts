import { z } from "zod";
import type { ChannelLog } from "./channel-log.ts";
import { Publication as Plain } from "./frames.ts";

/** A publication that may make untrue what was published before. */
export const Publication = Plain.extend({
  /** What of the channel is kept with a key that begins so is kept as this from now on: who catches up is told no more than holds. */
  supersedes: z.string().min(1).max(200).optional(),
});
export type Publication = z.infer<typeof Publication>;

/** Has the log keep, in the places of what some publications supersede, what those say. */
export function supersede(sql: SqlStorage, log: ChannelLog, publications: Publication[]): void {
  for (const { channel, data, supersedes } of publications)
    if (supersedes !== undefined && log.has(channel))
      sql.exec(
        "UPDATE channel_log SET data = ?1 WHERE channel = ?2 AND key >= ?3 AND key < ?3 || char(1114111)",
        JSON.stringify(data),
        channel,
        supersedes,
      );
}
