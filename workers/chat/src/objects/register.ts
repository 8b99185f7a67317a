import { DurableObject } from "cloudflare:workers";

/** Some of the ids of all conversations that there are: by nothing else could their objects be found again if the directory were lost. */
export class Register extends DurableObject<object> {
  /** Adds a conversation, once. */
  add(id: string): void {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS conversations (id TEXT PRIMARY KEY) WITHOUT ROWID");
    this.ctx.storage.sql.exec("INSERT INTO conversations VALUES (?) ON CONFLICT DO NOTHING", id);
  }

  /** Ids in their order. @param after the last one known; empty to begin */
  list(after: string, limit: number): string[] {
    const { sql } = this.ctx.storage;
    if (sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'conversations'").toArray().length === 0)
      return [];
    return sql
      .exec<{ id: string }>("SELECT id FROM conversations WHERE id > ? ORDER BY id LIMIT ?", after, limit)
      .toArray()
      .map(({ id }) => id);
  }
}
