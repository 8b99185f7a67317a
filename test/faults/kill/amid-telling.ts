import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";

/** The database of an object of a class for which the query finds a row. */
function databaseOf(dir: string, className: string, query: string, value: string): DatabaseSync {
  const files = readdirSync(dir, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.includes(`/${className}/`) && name.endsWith(".sqlite"))) {
    const database = new DatabaseSync(join(dir, file), { readOnly: true });
    try {
      if (database.prepare(query).get(value) !== undefined) return database;
    } catch {
      // Another object's, without that table.
    }
    database.close();
  }
  throw new Error(`No object of ${className} holds ${value}`);
}

/**
 * Kills a workerd with -9 while a conversation holds messages that its room does not: amid the telling. Nothing runs between the look and
 * the kill.
 * @param goesOn whether there is still something to wait for
 * @throws Error when it never was
 */
export async function killAmidTelling(
  workerd: number,
  dir: string,
  id: string,
  goesOn: () => boolean,
): Promise<void> {
  const channel = `room.${id}`;
  using conversation = databaseOf(dir, "chat-Conversation", "SELECT 1 FROM conversation WHERE id = ?", id);
  using room = databaseOf(dir, "chat-RoomShard", "SELECT 1 FROM channels WHERE channel = ?", channel);
  const held = conversation.prepare("SELECT last_seq AS seq FROM conversation");
  const told = room.prepare(
    "SELECT coalesce(max(data ->> '$.message.seq'), 0) AS seq FROM channel_log WHERE channel = ?",
  );
  for (; goesOn(); await wait(1)) {
    process.kill(workerd, "SIGSTOP");
    if (Number(held.get()?.["seq"]) > Number(told.get(channel)?.["seq"])) {
      process.kill(workerd, "SIGKILL");
      return;
    }
    process.kill(workerd, "SIGCONT");
  }
  throw new Error("The room was always told already");
}
