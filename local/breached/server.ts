import { createHash, randomBytes } from "node:crypto";
import { Hono } from "hono";
import { serve, type Served } from "../serve.ts";

/** Passwords that keep our rule, and that everybody uses. */
const COMMON = ["Password1", "Passw0rd", "Qwerty123", "Welcome1", "Abcd1234", "Abc12345"];
const MIN_PADDED = 800;

const sha1 = (text: string): string => createHash("sha1").update(text).digest("hex").toUpperCase();
const LINES = COMMON.map((password, place) => ({ digest: sha1(password), count: 1000 - place }));

/** The lines of a range, as Pwned Passwords writes them; with padding, also lines of hashes that nobody knows, counted 0. */
function rangeOf(prefix: string, padded: boolean): string {
  const known = LINES.filter(({ digest }) => digest.startsWith(prefix)).map(
    ({ digest, count }) => `${digest.slice(5)}:${count}`,
  );
  const nothing = Array.from(
    { length: padded ? MIN_PADDED : 0 },
    () => `${randomBytes(18).toString("hex").toUpperCase().slice(1)}:0`,
  );
  return [...known, ...nothing].toSorted().join("\r\n");
}

/**
 * Pwned Passwords on 127.0.0.1: its range search, over a few passwords. Under `/silence`, `/failure`, `/page` and `/flood` it answers as no
 * sound server does.
 */
export async function startBreachedPasswords(): Promise<Served> {
  const app = new Hono();
  app.get("/range/:prefix", (c) => {
    const prefix = c.req.param("prefix").toUpperCase();
    if (!/^[\dA-F]{5}$/.test(prefix)) return c.text("The hash prefix was not in a valid format", 400);
    return c.text(rangeOf(prefix, c.req.header("add-padding") === "true"));
  });
  app.get("/silence/range/:prefix", () => new Promise<Response>(() => {}));
  app.get("/failure/range/:prefix", (c) => c.text("Service unavailable", 503));
  app.get("/page/range/:prefix", (c) => c.html("<h1>Hello</h1>"));
  app.get("/flood/range/:prefix", (c) => c.text("0".repeat(1024 * 1024)));
  return serve(app.fetch, {
    purpose: "the list of breached passwords",
    variable: "SOUK_PORT_BREACHED",
  });
}
