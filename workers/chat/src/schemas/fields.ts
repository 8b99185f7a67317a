import { z } from "@hono/zod-openapi";
import { MAX_TEXT_BYTES } from "../limits.ts";
import { isOneLine, ONE_LINE } from "@souk/kit/one-line";

export const anyId = z.uuid().toLowerCase();
/** A message's place; the archive counts them in 32 bits. */
export const MAX_SEQ = 2_147_483_647;
export const seq = z.int().min(1).max(MAX_SEQ);
export const placeParam = z.coerce.number().int().min(1).max(MAX_SEQ);
export const moment = z.iso.datetime({ offset: true });
export const line = z.string().trim().refine(isOneLine, ONE_LINE);
/** What a member writes. */
export const anyText = z
  .string()
  .refine(
    (value) => new TextEncoder().encode(value).byteLength <= MAX_TEXT_BYTES,
    `has more than ${MAX_TEXT_BYTES} bytes`,
  );
