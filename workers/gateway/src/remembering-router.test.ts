import { TrieRouter } from "hono/router/trie-router";
import { describe, expect, it } from "vitest";
import { RememberingRouter } from "./remembering-router.ts";

const ROUTES = [
  ["ALL", "*", "all"],
  ["GET", "/mails/:id", "one"],
  ["GET", "/mails/templates", "templates"],
  ["POST", "/mails/templates", "make"],
  ["GET", "/mails/:id/parts/:part", "part"],
] as const;

const filled = (router: RememberingRouter<string> | TrieRouter<string>) => {
  for (const [method, path, handler] of ROUTES) router.add(method, path, handler);
  return router;
};

describe("RememberingRouter", () => {
  it("finds what Hono's own finds, each time it is asked", () => {
    const plain = filled(new TrieRouter());
    const remembering = filled(new RememberingRouter());
    for (const method of ["GET", "POST", "BREW", "GET", "POST", "BREW"]) {
      for (const path of ["/mails/1", "/mails/2", "/mails/templates", "/mails/1/parts/2", "/nothing", "/"])
        expect(remembering.match(method, path)).toEqual(plain.match(method, path));
    }
  });
});
