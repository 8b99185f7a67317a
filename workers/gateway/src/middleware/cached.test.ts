import { exports } from "cloudflare:workers";
import { ACTOR_HEADER } from "@souk/kit/actor";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextAddress } from "../../../../test/next-address.ts";
import { echoOf, requestsTo, tell } from "../../test/domain-workers.ts";
import { accessToken, publish, signingKey } from "../../test/tokens.ts";
import { ROUTING_TABLE } from "../routing-table.ts";

const PATH = "/api/v1/prices/current";
const policy = ROUTING_TABLE.find(({ path }) => path === PATH)?.cache;
if (policy === undefined) throw new Error(`${PATH} is not cached`);
const STALE_S = policy.maxAge + policy.staleWhileRevalidate;

const call = (url: string, init?: RequestInit) => {
  const headers = new Headers(init?.headers);
  if (!headers.has("cf-connecting-ip")) headers.set("cf-connecting-ip", nextAddress());
  return exports.default.fetch(`https://souk.test${url}`, { ...init, headers });
};
const read = async (url: string, headers: Record<string, string> = {}, method = "GET") => {
  const response = await call(url, { method, headers });
  const { status } = response;
  return {
    status,
    headers: response.headers,
    state: response.headers.get("x-cache"),
    text: await response.text(),
  };
};
/** A key of its own for each test. */
const newUrl = () => `${PATH}?metal=XAU&currency=${crypto.randomUUID()}`;
const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);

const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000 });

beforeEach(async () => {
  await tell("alerts", {});
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => void vi.useRealTimers());

describe("an answer for everyone", () => {
  it("is asked for once while it is fresh, and tells its age", async () => {
    const url = newUrl();
    const first = await read(url);
    expect(first).toMatchObject({ status: 200, state: "MISS" });
    expect(first.headers.get("cache-control")).toBe(
      "public, max-age=15, stale-while-revalidate=15, stale-if-error=600",
    );
    pass(14);
    const second = await read(url);
    expect(second).toMatchObject({ status: 200, state: "HIT", text: first.text });
    expect([first, second].map(({ headers }) => headers.get("age"))).toEqual(["0", "14"]);
    expect(second.headers.get("content-type")).toBe("application/json");
    expect(await requestsTo("alerts")).toBe(1);
  });

  it("is one, however its query is spelt", async () => {
    const currency = crypto.randomUUID();
    const { text } = await read(`${PATH}?metal=X%41U&currency=${currency}`);
    for (const same of [
      `${PATH}?currency=${currency}&metal=XAU`,
      `/price/current/?metal=XAU&currency=${currency}`,
      `${PATH}?metal=%58AU&&currency=${currency}`,
    ])
      expect(await read(same)).toMatchObject({ state: "HIT", text });
    for (const other of ["&unit=g", "&karat="])
      expect(await read(`${PATH}?metal=XAU&currency=${currency}${other}`)).toMatchObject({ state: "MISS" });
  });

  it("is confirmed by 304 to who has it, weakened by a proxy too", async () => {
    const url = newUrl();
    const etag = (await read(url)).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const { status, text, headers } = await read(url, { "if-none-match": known });
      expect([known, status, text, headers.get("etag")]).toEqual([known, 304, "", etag]);
      expect(headers.has("content-type")).toBe(false);
    }
    for (const known of ['"other"', "", etag.slice(1, -1)])
      expect((await read(url, { "if-none-match": known })).status).toBe(200);
    expect(await requestsTo("alerts")).toBe(1);
  });

  it("answers HEAD from what GET keeps, and the other way round", async () => {
    const url = newUrl();
    const head = await read(url, {}, "HEAD");
    expect(head).toMatchObject({ status: 200, state: "MISS", text: "" });
    const got = await read(url);
    expect(got.state).toBe("HIT");
    expect(JSON.parse(got.text)).toMatchObject({ method: "GET" });
    expect(got.headers.get("etag")).toBe(head.headers.get("etag"));
    expect(await read(url, {}, "HEAD")).toMatchObject({ status: 200, state: "HIT", text: "" });
  });

  it("is found in the data centre when another isolate asked for it", async () => {
    const url = newUrl();
    const kept = (asOf: number) =>
      new Response("{}", {
        headers: {
          etag: '"theirs"',
          "x-souk-as-of": String(asOf),
          "cache-control": "public, max-age=600",
          "x-other": "theirs",
        },
      });
    const sorted = url.replace(/\?(.*)&(.*)/, "?$2&$1");
    const key = `https://souk.test/.kept${sorted}`;
    await caches.default.put(key, kept(Date.now() - 5_000));
    const { state, text, headers } = await read(url);
    expect({ state, text, age: headers.get("age"), other: headers.get("x-other") }).toEqual({
      state: "HIT",
      text: "{}",
      age: "5",
      other: null,
    });
    expect(await requestsTo("alerts")).toBe(0);
    pass(STALE_S);
    await read(url);
    await eventually(async () =>
      expect((await caches.default.match(key))?.headers.get("etag")).not.toBe('"theirs"'),
    );
    expect((await read("/.kept" + url)).status).toBe(404);
  });
});

describe("what is not kept", () => {
  it.each([
    ["another parameter", "&x=1"],
    ["one twice", "&metal=XAU"],
    ["another spelling", "&Unit=g"],
    ["too long a query", `&unit=${"x".repeat(1_024)}`],
  ])("is asked for with %s: the request goes on to the Worker", async (_, more) => {
    const url = newUrl() + more;
    for (let n = 0; n < 2; n++) {
      const answer = await read(url);
      expect([answer.state, answer.headers.get("cache-control")]).toEqual(["BYPASS", "no-store"]);
    }
    expect(await requestsTo("alerts")).toBe(2);
  });

  it.each([200, 201, 400, 404, 500])("is an answer of status %i that is no plain 200", async (status) => {
    const url = newUrl();
    await tell("alerts", {
      status,
      headers: status === 200 ? { "cache-control": "max-age=9, Private" } : {},
    });
    for (let n = 0; n < 2; n++) expect(await read(url)).toMatchObject({ status, state: "MISS" });
    expect(await requestsTo("alerts")).toBe(2);
  });

  it.each([
    { "set-cookie": "a=b" },
    { vary: "accept-language" },
    { vary: "*" },
    { "cache-control": "no-store" },
    { "cache-control": "public, no-cache" },
  ])("is an answer with %j", async (headers) => {
    const url = newUrl();
    await tell("alerts", { headers });
    for (let n = 0; n < 2; n++) expect((await read(url)).state).toBe("MISS");
    expect(await requestsTo("alerts")).toBe(2);
  });

  it("is any answer of a route that does not declare it", async () => {
    await tell("auth", {});
    expect((await read("/api/v1/auth/verify-email")).headers.has("x-cache")).toBe(false);
    expect(ROUTING_TABLE.filter(({ cache }) => cache).map(({ path }) => path)).toEqual([
      PATH,
      "/api/v1/prices/history",
    ]);
  });
});

describe("a caller who wants a newer answer", () => {
  it("asks the Worker with no-cache and refreshes what others get; with no-store nothing is kept", async () => {
    const url = newUrl();
    const old = await read(url);
    pass(1);
    const fresh = await read(url, { "cache-control": "no-cache" });
    expect(fresh.state).toBe("MISS");
    expect(fresh.text).not.toBe(old.text);
    expect(await read(url)).toMatchObject({ state: "HIT", text: fresh.text });
    expect((await read(url, { "cache-control": "no-store" })).state).toBe("BYPASS");
    expect(await read(url)).toMatchObject({ state: "HIT", text: fresh.text });
  });

  it("shows the token of a write and gets nothing older, once", async () => {
    const url = newUrl();
    const old = await read(url);
    const write = await call("/api/v1/auth/register", { method: "POST", body: "{}" });
    const version = write.headers.get("x-souk-version") ?? "";
    expect(Number(version)).toBe(Date.now());
    pass(5);
    expect(await read(url)).toMatchObject({ state: "HIT", text: old.text });
    const own = await read(url, { "x-souk-version": version });
    expect(own.state).toBe("MISS");
    expect(own.text).not.toBe(old.text);
    expect(await read(url, { "x-souk-version": version })).toMatchObject({ state: "HIT", text: own.text });
    expect((await read(url, { "x-souk-version": "nonsense" })).state).toBe("MISS");
    await tell("auth", { status: 409 });
    const failed = await call("/api/v1/auth/register", { method: "POST", body: "{}" });
    expect(failed.headers.has("x-souk-version")).toBe(false);
  });
});

describe("a stale answer", () => {
  it("is given while one request asks anew", async () => {
    const url = newUrl();
    const old = await read(url);
    pass(policy.maxAge);
    await tell("alerts", { fail: "hold" });
    for (let n = 0; n < 5; n++) expect(await read(url)).toMatchObject({ state: "STALE", text: old.text });
    await eventually(async () => expect(await requestsTo("alerts")).toBe(1));
    await tell("alerts", {});
    await eventually(async () => expect((await read(url)).state).toBe("HIT"));
    expect((await read(url)).text).not.toBe(old.text);
    expect(await requestsTo("alerts")).toBe(0);
  });

  it("is not given when it is older than that and the Worker answers", async () => {
    const url = newUrl();
    const old = await read(url);
    pass(STALE_S);
    const { state, text } = await read(url);
    expect(state).toBe("MISS");
    expect(text).not.toBe(old.text);
  });

  it.each([{ fail: "throw" as const }, { status: 503 }])(
    "is given while the Worker fails with %j, which is asked every few seconds",
    async (failure) => {
      const url = newUrl();
      const old = await read(url);
      await tell("alerts", failure);
      pass(STALE_S);
      for (let n = 0; n < 3; n++)
        expect(await read(url)).toMatchObject({ status: 200, state: "STALE", text: old.text });
      expect(await requestsTo("alerts")).toBe(1);
      pass(5);
      expect((await read(url)).state).toBe("STALE");
      expect(await requestsTo("alerts")).toBe(2);
      await tell("alerts", {});
      pass(5);
      expect((await read(url)).state).toBe("MISS");
      await tell("alerts", failure);
      pass(policy.maxAge + policy.staleIfError);
      expect((await read(url)).status).toBe(503);
    },
  );

  it("is given after two seconds when the Worker is silent", async () => {
    const url = newUrl();
    const old = await read(url);
    pass(STALE_S);
    await tell("alerts", { fail: "hold" });
    for (const answer of await Promise.all([read(url), read(url)]))
      expect(answer).toMatchObject({ state: "STALE", text: old.text });
    await tell("alerts", {});
  });
});

describe("many at once", () => {
  it("cause one request to the Worker", async () => {
    const url = newUrl();
    await tell("alerts", { fail: "hold" });
    const answers = Array.from({ length: 50 }, () => read(url));
    await eventually(async () => expect(await requestsTo("alerts")).toBe(1));
    await tell("alerts", {});
    const texts = new Set((await Promise.all(answers)).map(({ text }) => text));
    expect(texts.size).toBe(1);
    expect(await requestsTo("alerts")).toBe(0);
  });

  it("are all answered when the one who asked has gone", async () => {
    const url = newUrl();
    await tell("alerts", { fail: "hold" });
    const gone = new AbortController();
    const first = call(url, { signal: gone.signal }).then(
      () => "answered",
      () => "gone",
    );
    await eventually(async () => expect(await requestsTo("alerts")).toBe(1));
    const others = Array.from({ length: 20 }, () => read(url));
    gone.abort();
    expect(await first).toBe("gone");
    await tell("alerts", {});
    const answered = await Promise.all(others);
    expect(new Set(answered.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answered[0]?.status).toBe(200);
  });

  it("get each their own answer when it may not be shared", async () => {
    const url = newUrl();
    await tell("alerts", { status: 404 });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => read(url, { "x-request-id": `mine-${n}` })),
    );
    for (const [n, { status, text }] of answers.entries()) {
      expect(status).toBe(404);
      expect(text).toContain(`mine-${n}"`);
    }
  });
});

describe("nothing personal", () => {
  it("gets into what is kept, whatever the first caller sends", async () => {
    const key = await signingKey("cache");
    await publish(key);
    const token = await accessToken(key);
    const header = fc.oneof(
      fc.constantFrom(
        "cookie",
        "user-agent",
        "cf-connecting-ip",
        "x-forwarded-for",
        ACTOR_HEADER,
        "origin",
        "referer",
      ),
      fc.constantFrom(
        "accept",
        "accept-language",
        "x-api-key",
        "if-none-match",
        "range",
        "forwarded",
        "via",
        "priority",
      ),
      fc.stringMatching(/^x-[a-z]{1,12}$/).filter((name) => name !== "x-request-id"),
    );
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(header, { maxLength: 6 }), fc.boolean(), async (names, loggedIn) => {
        const url = newUrl();
        const headers = new Headers(names.map((name): [string, string] => [name, "secret-of-ada"]));
        if (loggedIn) headers.set("authorization", `Bearer ${token}`);
        const first = await call(url, { headers });
        expect(first.status).toBe(200);
        await first.text();
        const second = await call(url);
        expect(second.headers.get("x-cache")).toBe("HIT");
        expect(JSON.stringify([...second.headers])).not.toMatch(/secret-of-ada|ada@|set-cookie/);
        const echo = await echoOf(second);
        expect(JSON.stringify(echo)).not.toMatch(/secret-of-ada|ada@|Bearer/);
        expect(Object.keys(echo.headers).toSorted()).toEqual(["traceparent", "x-request-id"]);
      }),
      { numRuns: 60 },
    );
  });

  it("is asked of a caller who has a bad token: it is refused before the cache", async () => {
    const url = newUrl();
    await read(url);
    expect((await read(url, { authorization: "Bearer a.b.c" })).status).toBe(401);
  });
});
