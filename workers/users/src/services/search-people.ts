import type { Context } from "@souk/kit/context";
import { readCursor, toPage } from "@souk/kit/pagination";
import { requireActor } from "@souk/kit/route";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Env } from "../env.ts";
import { SIMILARITY } from "../limits.ts";
import { searchStatement } from "../queries/search.ts";
import { FoundPerson, type FoundPage, type SearchQuery } from "../people-schemas.ts";

const Score = z.string().regex(/^\d{1,3}\.\d{6}$/);
const Position = z.tuple([Score, z.uuid()]);
const Row = FoundPerson.extend({ score: Score });

/**
 * People by name, part of a name or words of their profile, the best match first; only those the caller may see and who want to be found.
 * @throws AppError unauthorized, invalid_cursor
 */
export async function searchPeople(context: Context<Env>, query: SearchQuery): Promise<FoundPage> {
  const { userId } = requireActor(context);
  const after = query.cursor === undefined ? null : readCursor(Position, query.cursor);
  const [, { rows }] = await context.db.batch([
    context.db.execute(
      sql`SELECT set_config('pg_trgm.word_similarity_threshold', ${String(SIMILARITY)}, true)`,
    ),
    context.db.execute(searchStatement(userId, query, after)),
  ]);
  const { items, nextCursor } = toPage(z.array(Row).parse(rows), query.limit, (row) => [
    row.score,
    row.userId,
  ]);
  return { items: items.map(({ score: _score, ...person }) => person), nextCursor };
}
