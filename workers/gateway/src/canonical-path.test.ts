import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALIASES } from "./aliases.ts";
import { canonicalPath } from "./canonical-path.ts";
import { ROUTING_TABLE } from "./routing-table.ts";

const patterns = ROUTING_TABLE.map(({ path, methods }) => ({
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
  methods: Object.keys(methods),
}));
const isRoute = (path: string, method = "") =>
  patterns.some(({ pattern, methods }) => pattern.test(path) && (method === "" || methods.includes(method)));

/** What the source designs call, word for word, by the id of the line; with the method where the line names one. */
const CALLED: [id: string, call: string, canonical: string][] = [
  ["S2-AUTH-01, S4-AUTH-01", "POST /auth/register", "/api/v1/auth/register"],
  ["S2-AUTH-02, S4-AUTH-02", "POST /auth/login", "/api/v1/auth/login"],
  ["S4-AUTH-03", "POST /auth/logout", "/api/v1/auth/logout"],
  ["S4-AUTH-04", "GET /auth/verify", "/api/v1/auth/verify"],
  ["S4-AUTH-05", "POST /auth/forgot-password", "/api/v1/auth/forgot-password"],
  ["S2-AUTH-04", "/api/validate", "/api/v1/auth/verify"],
  ["S2-AUTH-04 by S2-GW-07", "/auth/validate", "/api/v1/auth/verify"],
  ["S2-GW-07", "/auth/refresh", "/api/v1/auth/refresh"],
  ["S3-GW-19, S4-GW-10", "/api/auth/login", "/api/v1/auth/login"],
  ["S4-USER-10", "GET /users/profile/7", "/api/v1/users/7"],
  ["S4-USER-11", "PUT /users/profile", "/api/v1/users/me"],
  ["S4-USER-12", "POST /users/follow/7", "/api/v1/users/me/following/7"],
  ["S4-USER-13", "DELETE /users/follow/7", "/api/v1/users/me/following/7"],
  ["S4-USER-14", "GET /users/search", "/api/v1/users/search"],
  ["S4-USER-10 by S4-GW-11", "GET /api/users/profile/7", "/api/v1/users/7"],
  ["S4-USER-11 by S4-GW-11", "PUT /api/users/profile", "/api/v1/users/me"],
  ["S4-USER-12 by S4-GW-11", "POST /api/users/follow/7", "/api/v1/users/me/following/7"],
  ["S4-USER-14 by S4-GW-11", "GET /api/users/search", "/api/v1/users/search"],
  ["S2-GW-08", "/user/me", "/api/v1/users/me"],
  ["S3-GW-20, S4-GW-11", "/api/users/me/preferences", "/api/v1/users/me/preferences"],
  ["S2-GW-09", "/price/current", "/api/v1/prices/current"],
  ["S2-GW-10, S2-ALERT-03", "PUT /alert", "/api/v1/alerts"],
  ["S2-GW-10", "/alert/7/history", "/api/v1/alerts/7/history"],
  ["S2-GW-11", "/email/templates", "/api/v1/emails/templates"],
  ["S2-GW-12", "/notification", "/api/v1/notifications"],
  ["S4-NOTIF-19", "PUT /notifications/7/read", "/api/v1/notifications/7/read"],
  ["S4-NOTIF-20", "/ws", "/ws"],
  ["S4-GW-09, S4-HEALTH-01", "/health", "/health"],
];

const NAMED = CALLED.map(([id, call, canonical]) => {
  const [path = "", method] = call.split(" ").toReversed();
  return [id, path, canonical, method] as const;
});

describe("aliases", () => {
  it.each(NAMED)("%s: %s is %s", (_id, path, canonical, method) => {
    expect(canonicalPath(path)).toBe(canonical);
    expect(isRoute(canonical, method)).toBe(true);
  });

  it("has no row that stands for nothing", () => {
    const used = new Set(
      NAMED.map(
        ([, path]) =>
          ALIASES.find(
            ([from]) =>
              path === from ||
              (from.endsWith("/*") && (path === from.slice(0, -2) || path.startsWith(from.slice(0, -1)))),
          )?.[0],
      ),
    );
    expect(ALIASES.map(([from]) => from).filter((from) => !used.has(from))).toEqual([]);
  });

  it("does not stretch over a word that only begins alike", () => {
    for (const path of ["/authentic/login", "/alerts", "/users/me", "/api/authx"])
      expect(canonicalPath(path)).toBe(path);
  });
});

describe("tricks", () => {
  it("takes repeated and trailing slashes out", () => {
    expect(canonicalPath("//auth///login/")).toBe("/api/v1/auth/login");
    expect(canonicalPath("/")).toBe("/");
    expect(canonicalPath("///")).toBe("/");
  });

  it.each([
    "/auth/%2e%2e/admin",
    "/auth/../api/v1/admin/readiness",
    "/auth/..",
    "/api/v1/alerts/%2Fadmin",
    "/api/v1/alerts/a%00",
    "/api/v1/alerts/a;b",
    "/api\\v1/alerts",
    "/api/v1/alerts/é",
    "/api/v1/alerts/*",
    "",
  ])("refuses %s", (path) => {
    expect(isRoute(canonicalPath(path))).toBe(false);
  });

  it("is stable: a canonical path stands for itself, whatever came in", () => {
    const segment = fc.oneof(
      fc.constantFrom("auth", "api", "alert", "users", "..", ".", "", "%2e", "v1"),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 6 }), (segments) => {
        const once = canonicalPath(`/${segments.join("/")}`);
        expect(canonicalPath(once)).toBe(once);
        expect(once).toMatch(/^(\/|\/%|(\/[A-Za-z0-9._~-]+)+)$/);
        expect(once.split("/")).not.toContain("..");
      }),
    );
  });
});
