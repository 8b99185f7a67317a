import { z } from "@hono/zod-openapi";
import { AppError } from "./errors.ts";

/** Query parameters of every list. */
export const PageQuery = z.object({
  cursor: z.string().max(500).optional().openapi({ description: "`nextCursor` of the page before" }),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

/** The body of every list. */
export const pageOf = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

const toBase64Url = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const fromBase64Url = (text: string): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0)),
  );

/** The cursor that names a position, which is JSON. */
export const writeCursor = (position: unknown): string => toBase64Url(JSON.stringify(position));

/**
 * The position that a cursor names.
 * @param schema the position's shape, e.g. a tuple of time and id
 * @throws AppError invalid_cursor
 */
export function readCursor<S extends z.ZodType>(schema: S, cursor: string): z.output<S> {
  try {
    return schema.parse(JSON.parse(fromBase64Url(cursor)));
  } catch {
    throw new AppError(
      "invalid_cursor",
      "Pass `nextCursor` of an earlier page unchanged, or leave the cursor out.",
    );
  }
}

/**
 * One page of a list.
 * @param rows up to limit + 1 rows, in the list's order
 * @param position the JSON position after a row, as `readCursor` will parse it
 */
export function toPage<Row>(
  rows: Row[],
  limit: number,
  position: (row: Row) => unknown,
): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > limit && last !== undefined ? writeCursor(position(last)) : null,
  };
}
