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

/** The headers that an answer depends on, by lower-case name. */
export type Variant = readonly (readonly [name: string, value: string])[];

/** What a caller says in the headers that an answer depends on, with one spelling for much that means the same. */
export const variantOf = (headers: Headers, names: readonly string[]): Variant =>
  names.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value.replaceAll(/\s/g, "").toLowerCase()] as const];
  });

/**
 * The name under which one variant of an answer is kept.
 * @param target what `cacheKey` gave: no declared parameter begins with a dot
 * @returns null when it is too long to be kept
 */
export function variantKey(target: string, variant: Variant): string | null {
  if (variant.length === 0) return target;
  const query = new URLSearchParams(variant.map(([name, value]): [string, string] => [`.${name}`, value]));
  const key = `${target}${target.includes("?") ? "&" : "?"}${query.toString()}`;
  return key.length > CACHE_LIMITS.keyLetters ? null : key;
}
