import type { ConversationStore } from "./store.ts";

/** Takes a person out of what was written for later: what they wrote, and where others mention them. */
export function eraseScheduled(store: ConversationStore, userId: string, at: string): void {
  store.sql.exec("DELETE FROM scheduled WHERE user_id = ?", userId);
  const mentioning = store.sql.exec<{ place: number }>(
    "SELECT place FROM scheduled, json_each(scheduled.mentions) AS mention WHERE mention.value = ?",
    userId,
  );
  for (const { place } of mentioning.toArray())
    store.sql.exec(
      `UPDATE scheduled SET revision = ?1, mentions = (SELECT json_group_array(value) FROM json_each(mentions) WHERE value <> ?2) WHERE place = ?3`,
      store.revise(at),
      userId,
      place,
    );
}
