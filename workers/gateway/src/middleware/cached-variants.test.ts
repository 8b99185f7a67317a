import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { requestContext, type AppTypes } from "@souk/kit/request-context";
import { Hono } from "hono";
import { beforeEach, expect, it } from "vitest";
import { echoOf, requestsTo, tell } from "../../test/domain-workers.ts";
import { Env } from "../env.ts";
import { cached } from "./cached.ts";

const POLICY = { maxAge: 60, staleWhileRevalidate: 60, staleIfError: 60, query: ["page"] };

/** The gateway's way of a route that speaks the caller's language. */
const app = new Hono<AppTypes<Env>>();
app.use(requestContext(Env, "gateway", () => ({ requestId: undefined, actor: null })));
app.get("/*", cached("alerts", { ...POLICY, vary: ["accept-language"] }));

let path: string;
beforeEach(async () => {
  await tell("alerts", { headers: { vary: "Accept-Language" } });
  path = `/${crypto.randomUUID()}`;
});

const read = (language: string | undefined, url = path) =>
  app.fetch(
    new Request(`https://souk.test${url}`, {
      headers: { cookie: "secret", ...(language !== undefined && { "accept-language": language }) },
    }),
    env,
    createExecutionContext(),
  );
const stateOf = async (...args: Parameters<typeof read>) => (await read(...args)).headers.get("x-cache");

it("keeps an answer for each value of a declared header, which alone the Worker is told", async () => {
  for (const language of ["de", "en", undefined]) {
    const answer = await read(language);
    expect(answer.headers.get("x-cache")).toBe("MISS");
    expect(answer.headers.get("vary")).toBe("accept-language");
    const { headers } = await echoOf(answer);
    expect(headers["accept-language"]).toBe(language);
    expect(headers).not.toHaveProperty("cookie");
  }
  for (const language of ["de", " DE ", "en", undefined]) expect(await stateOf(language)).toBe("HIT");
  expect((await echoOf(await read("de"))).headers["accept-language"]).toBe("de");
  expect(await requestsTo("alerts")).toBe(3);
});

it("tells a variant from a query that looks like it", async () => {
  await read("de", `${path}?page=2`);
  expect(await stateOf(undefined, `${path}?page=2&.accept-language=de`)).toBe("BYPASS");
  expect(await stateOf(undefined, `${path}?page=2`)).toBe("MISS");
  expect(await stateOf("de", `${path}?page=2`)).toBe("HIT");
});

it.each(["accept-language, cookie", "*", "Accept"])("keeps no answer that varies by %s", async (vary) => {
  await tell("alerts", { headers: { vary } });
  for (let n = 0; n < 2; n++) expect(await stateOf("de")).toBe("MISS");
});

it("passes on what has too long a header to be kept", async () => {
  expect(await stateOf("de,".repeat(400))).toBe("BYPASS");
});
