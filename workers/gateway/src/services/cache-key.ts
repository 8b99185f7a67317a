import { CACHE_LIMITS } from "../cache-limits.ts";

/**
 * The name under which an answer is kept: the path and the query, sorted and with one spelling for each letter.
 * @param path canonical
 * @param search of the request, with its question mark
 * @param declared the query parameters that the answer depends on
 * @returns null when the query has a parameter that is not declared, or one twice, or is too long to be kept
 */
export function cacheKey(path: string, search: string, declared: readonly string[]): string | null {
  const query = new URLSearchParams(search);
  const names = [...query.keys()];
  if (new Set(names).size < names.length || !names.every((name) => declared.includes(name))) return null;
  query.sort();
  const key = names.length === 0 ? path : `${path}?${query.toString()}`;
  return key.length > CACHE_LIMITS.keyLetters ? null : key;
}
