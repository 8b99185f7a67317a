import type { FieldError } from "./errors.ts";

/** Postgres keeps no U+0000, and half of a surrogate pair is no character that UTF-8 can write. */
const isStorable = (text: string): boolean => !text.includes("\u0000") && text.isWellFormed();

/**
 * The texts of a JSON value, keys too, that the database could not keep: one entry for each, none when all is well.
 * @param json as `JSON.parse` gives it, however deep
 */
export function unstorableTexts(json: unknown): FieldError[] {
  const found: FieldError[] = [];
  const open: [field: string, value: unknown][] = [["", json]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [field, value] = next;
    if (typeof value === "string") {
      if (!isStorable(value))
        found.push({ field, message: "must not contain U+0000 or half of a surrogate pair" });
    } else if (value !== null && typeof value === "object") {
      for (const [key, item] of Object.entries(value)) {
        const name = isStorable(key) ? key : "?";
        if (name === "?") found.push({ field, message: "has a name that is no text" });
        open.push([field === "" ? name : `${field}.${name}`, item]);
      }
    }
  }
  return found;
}
