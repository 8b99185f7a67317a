import { z } from "zod";

/** A moment as Postgres writes it into JSON. */
export const StoredMoment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
