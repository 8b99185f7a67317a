import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";
import { KNOWN_METHODS } from "./known-methods.ts";

/**
 * Hono's router for any set of paths, which remembers what it found for paths without parameters. (Its faster one refuses a
 * parameter beside a fixed name, as in `/emails/{id}` and `/emails/templates`.)
 */
export class RememberingRouter<T> implements Router<T> {
  readonly name = "RememberingRouter";
  readonly #router = new TrieRouter<T>();
  readonly #fixed = new Map<string, Map<string, Result<T>>>();

  add(method: string, path: string, handler: T): void {
    this.#router.add(method, path, handler);
    if (/^[^:*]+$/.test(path)) this.#fixed.set(path, new Map());
  }

  match(method: string, path: string): Result<T> {
    const found = this.#fixed.get(path);
    const known = found?.get(method);
    if (known !== undefined) return known;
    const result = this.#router.match(method, path);
    if (KNOWN_METHODS.has(method)) found?.set(method, result);
    return result;
  }
}
