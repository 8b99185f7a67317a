import { profileDocument, profiles } from "@souk/db/schema/users";
import { sql, type SQL } from "drizzle-orm";
import type { SearchQuery } from "../people-schemas.ts";
import { maySee } from "./graph.ts";
import { CARD } from "./people.ts";

/**
 * One page of who is found: by words through the full-text index, by likeness through the trigram index, the two put together.
 * @param viewer whose view of people it is
 * @param after score and id of the last one of the page before
 */
export function searchStatement(
  viewer: string,
  query: Pick<SearchQuery, "q" | "limit">,
  after: [score: string, userId: string] | null,
): SQL {
  const asked = sql`lower(${query.q}::text)`;
  const words = sql`plainto_tsquery('simple', ${query.q}::text)`;
  const score = sql`round((extensions.word_similarity(${asked}, p.search_names) + ts_rank(${profileDocument}, ${words})
    + CASE WHEN lower(p.username) = ${asked} THEN 1 ELSE 0 END)::numeric, 6)`;
  const rest =
    after === null ? sql`` : sql`WHERE (-f.score, f."userId") > (-${after[0]}::numeric, ${after[1]}::uuid)`;
  return sql`SELECT f."userId", f.username, f."firstName", f."lastName", f."displayName", f."avatarUrl", f.location, f.bio, f.score::text
    FROM (SELECT ${CARD}, p.location, p.bio, ${score} AS score FROM ${profiles} p
      WHERE p.searchable AND (${profileDocument} @@ ${words} OR ${asked} OPERATOR(extensions.<%) p.search_names)
        AND ${maySee(viewer)}) f
    ${rest} ORDER BY f.score DESC, f."userId" LIMIT ${query.limit + 1}`;
}
