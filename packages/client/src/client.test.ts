import { afterEach, describe, expect, it, vi } from "vitest";
import { createSouk } from "./client.ts";
import { SoukError } from "./souk-error.ts";

const BASE = "https://souk.test";
const JSON_TYPE = { "content-type": "application/json" };
const ALERT = { metal: "XAU", currency: "USD", type: "above", threshold: "1000" } as const;

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { ...JSON_TYPE, ...headers } });
const problem = (status: number, code: string, headers?: Record<string, string>) =>
  answer(status, { code, detail: "No.", requestId: "r1", error: "No" }, headers);
const tokenOf = (request: Request) => request.headers.get("authorization")?.slice("Bearer ".length);
const isRefresh = (request: Request) => request.url.endsWith("/auth/refresh");

/** Answers one after the other, and what was asked. */
function script(...answers: Response[]) {
  const asked: Request[] = [];
  const fetch = vi.fn(async (request: Request) => {
    asked.push(request);
    const next = answers[Math.min(asked.length, answers.length) - 1];
    if (next === undefined) throw new Error("no answer left");
    return next.clone();
  });
  return { asked, fetch };
}

/** An API that takes one access token at a time; `held` is what refreshes wait for. */
function tokenApi(held: Promise<void> = Promise.resolve()) {
  const api = { valid: "new", refreshes: 0, refused: 0, refreshAnswer: undefined as Response | undefined };
  const fetch = async (request: Request) => {
    if (isRefresh(request)) {
      api.refreshes++;
      await held;
      return api.refreshAnswer ?? answer(200, { accessToken: api.valid, refreshToken: "r2" });
    }
    if (tokenOf(request) === api.valid) return answer(200, { items: [], nextCursor: null });
    api.refused++;
    return problem(401, "unauthorized");
  };
  return { api, fetch };
}
const OLD = { accessToken: "old", refreshToken: "r1" };

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a call", () => {
  it("goes to the base URL with path, query and body, and gives the data and the response", async () => {
    const { asked, fetch } = script(answer(201, { id: "a" }, { "x-request-id": "r7" }));
    const souk = createSouk({ baseUrl: `${BASE}/`, fetch });
    const { data, response } = await souk.POST("/api/v1/alerts", { body: ALERT });
    expect(data.id).toBe("a");
    expect(response.headers.get("x-request-id")).toBe("r7");
    await souk.GET("/api/v1/alerts/{id}/history", { params: { path: { id: "a/b" }, query: { limit: 5 } } });
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `POST ${BASE}/api/v1/alerts`,
      `GET ${BASE}/api/v1/alerts/a%2Fb/history?limit=5`,
    ]);
    expect(await asked[0]?.json()).toEqual(ALERT);
    expect(asked[0]?.headers.get("authorization")).toBeNull();
  });

  it("by an API key sends that with each, whatever session there is, and refreshes nothing", async () => {
    const { asked, fetch } = script(
      answer(200, { items: [], nextCursor: null }),
      problem(401, "unauthorized"),
    );
    const souk = createSouk({ baseUrl: BASE, fetch, apiKey: "souk_key" });
    await souk.GET("/api/v1/alerts");
    souk.setTokens(OLD);
    await expect(souk.GET("/api/v1/alerts")).rejects.toMatchObject({ status: 401, code: "unauthorized" });
    expect(asked.map(tokenOf)).toEqual(["souk_key", "souk_key"]);
    // @ts-expect-error One or the other.
    createSouk({ baseUrl: BASE, fetch, apiKey: "souk_key", tokens: OLD });
  });

  it("throws the problem that was answered", async () => {
    const details = [{ field: "threshold", message: "more than 0" }];
    const { fetch } = script(
      answer(400, { code: "validation_failed", detail: "Correct it.", requestId: "r9", details }),
    );
    const failed = createSouk({ baseUrl: BASE, fetch }).GET("/api/v1/alerts");
    await expect(failed).rejects.toBeInstanceOf(SoukError);
    await expect(failed).rejects.toMatchObject({
      status: 400,
      code: "validation_failed",
      requestId: "r9",
      details,
    });
  });

  it("throws an error with a code for an answer that is no problem", async () => {
    const { fetch } = script(new Response("<h1>Bad gateway</h1>", { status: 502 }));
    const failed = createSouk({ baseUrl: BASE, fetch }).GET("/api/v1/alerts");
    await expect(failed).rejects.toMatchObject({ status: 502, code: "unexpected_answer", details: [] });
  });

  it("ends at its time limit, and by the caller's signal", async () => {
    const fetch = ({ signal }: Request) =>
      new Promise<Response>((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
    const souk = createSouk({ baseUrl: BASE, fetch });
    await expect(souk.GET("/api/v1/alerts", { timeoutMs: 20 })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    const stopped = new AbortController();
    const call = souk.GET("/api/v1/alerts", { signal: stopped.signal });
    stopped.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
  });
});

describe("the session", () => {
  it("is refreshed once for 20 calls at once, and all of them succeed", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { api, fetch } = tokenApi(promise);
    const onTokens = vi.fn();
    const souk = createSouk({ baseUrl: BASE, fetch, tokens: OLD, onTokens });
    const calls = Array.from({ length: 20 }, () => souk.GET("/api/v1/alerts"));
    await vi.waitFor(() => expect(api.refused).toBe(20));
    resolve();
    await Promise.all(calls);
    expect(api.refreshes).toBe(1);
    expect(onTokens.mock.calls).toEqual([[{ accessToken: "new", refreshToken: "r2" }]]);
  });

  it("is not refreshed by a call whose token was replaced while it was under way", async () => {
    const { api, fetch } = tokenApi();
    const late = Promise.withResolvers<void>();
    const souk = createSouk({
      baseUrl: BASE,
      tokens: OLD,
      fetch: async (request) => {
        const response = await fetch(request);
        if (request.url.endsWith("limit=1") && response.status === 401) await late.promise;
        return response;
      },
    });
    const slow = souk.GET("/api/v1/alerts", { params: { query: { limit: 1 } } });
    await souk.GET("/api/v1/alerts");
    late.resolve();
    await slow;
    expect(api.refreshes).toBe(1);
  });

  it("of another person who logged in meanwhile is not used for a call of the one before", async () => {
    const tokensOf = (sub: string, n: number) => ({
      accessToken: `h.${btoa(JSON.stringify({ sub, n }))}.s`,
      refreshToken: `${sub}${n}`,
    });
    for (const [who, status] of [
      ["bob", 401],
      ["ada", 200],
    ] as const) {
      const next = tokensOf(who, 2);
      const asked: (string | undefined)[] = [];
      const souk = createSouk({
        baseUrl: BASE,
        tokens: tokensOf("ada", 1),
        fetch: async (request) => {
          asked.push(tokenOf(request));
          if (tokenOf(request) === next.accessToken) return answer(200, { items: [], nextCursor: null });
          souk.setTokens(next);
          return problem(401, "unauthorized");
        },
      });
      const outcome = await souk.GET("/api/v1/alerts").then(
        ({ response }) => response.status,
        (error: unknown) => (error instanceof SoukError ? error.status : error),
      );
      expect([who, outcome, asked.length]).toEqual([who, status, status === 200 ? 2 : 1]);
    }
  });

  it("of another person is not used to repeat a call either", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const [ada, bob] = ["ada", "bob"].map((sub) => `h.${btoa(JSON.stringify({ sub }))}.s`);
    const asked: (string | undefined)[] = [];
    const souk = createSouk({
      baseUrl: BASE,
      tokens: { accessToken: ada ?? "", refreshToken: "a" },
      fetch: async (request) => {
        asked.push(tokenOf(request));
        souk.setTokens({ accessToken: bob ?? "", refreshToken: "b" });
        return asked.length === 1
          ? problem(503, "unavailable")
          : answer(200, { items: [], nextCursor: null });
      },
    });
    for (const sent of [
      [ada, ada],
      [ada, ada, bob],
    ]) {
      await souk.GET("/api/v1/alerts");
      expect(asked).toEqual(sent);
    }
  });

  it("is over when the refresh token is refused: all callers get their 401, later calls send no token", async () => {
    const { api, fetch } = tokenApi();
    api.refreshAnswer = problem(401, "invalid_refresh_token");
    const onTokens = vi.fn();
    const souk = createSouk({ baseUrl: BASE, fetch, tokens: OLD, onTokens });
    await expect(souk.GET("/api/v1/alerts")).rejects.toMatchObject({ code: "unauthorized" });
    expect(onTokens.mock.calls).toEqual([[null]]);
    await expect(souk.GET("/api/v1/alerts")).rejects.toMatchObject({ code: "unauthorized" });
    expect(api.refreshes).toBe(1);
  });

  it("is kept when the refresh fails for another reason", async () => {
    const { api, fetch } = tokenApi();
    api.refreshAnswer = problem(500, "internal");
    const onTokens = vi.fn();
    const souk = createSouk({ baseUrl: BASE, fetch, tokens: OLD, onTokens });
    await expect(souk.GET("/api/v1/alerts")).rejects.toMatchObject({ code: "internal" });
    api.refreshAnswer = undefined;
    await souk.GET("/api/v1/alerts");
    expect(onTokens).toHaveBeenCalledOnce();
  });

  it("gives up on a token that is refused even when new, and leaves a wrong password alone", async () => {
    const { api, fetch } = tokenApi();
    api.refreshAnswer = answer(200, { accessToken: "other", refreshToken: "r2" });
    const souk = createSouk({ baseUrl: BASE, fetch, tokens: OLD });
    await expect(souk.GET("/api/v1/alerts")).rejects.toMatchObject({ code: "unauthorized" });
    expect(api).toMatchObject({ refreshes: 1, refused: 2 });
    const { asked, fetch: refuse } = script(problem(401, "invalid_credentials"));
    const login = createSouk({ baseUrl: BASE, fetch: refuse, tokens: OLD }).POST("/api/v1/auth/login", {
      body: { email: "ada@example.com", password: "wrong" },
    });
    await expect(login).rejects.toMatchObject({ code: "invalid_credentials" });
    expect(asked).toHaveLength(1);
  });

  it("does not hold a call longer than the call's own time", async () => {
    const { fetch } = tokenApi(Promise.withResolvers<void>().promise);
    const call = createSouk({ baseUrl: BASE, fetch, tokens: OLD }).GET("/api/v1/alerts", { timeoutMs: 20 });
    await expect(call).rejects.toMatchObject({ name: "TimeoutError" });
  });
});
