import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ROUTING_TABLE } from "../routing-table.ts";

const call = (path: string, headers: Record<string, string> = {}) =>
  exports.default.fetch(`https://souk.test${path}`, { redirect: "manual", headers });

const PAGES = [
  "/app/chat",
  "/docs",
  "/verify-email",
  "/reset-password",
  "/unlock-account",
  "/confirm-email-change",
  "/sign-in",
];

/** What a page loads: every `src` and `href`. */
const loadedBy = (html: string) =>
  [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? "").filter((url) => url !== "data:,");

describe("pages", () => {
  it.each(PAGES)("%s is a whole page of our own: nothing inline, nothing from elsewhere", async (path) => {
    const response = await call(path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-security-policy": expect.stringMatching(
        /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
      ),
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
    });
    const html = await response.text();
    expect(html).toContain('<html lang="en">');
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|style="/);
    const loaded = loadedBy(html);
    // What leads back to the app needs no script.
    expect(loaded.length).toBeGreaterThan(path === "/sign-in" ? 0 : 1);
    for (const url of loaded) {
      expect(url).toMatch(/^\/[a-z]/);
      const asset = await call(url);
      expect([url, asset.status]).toEqual([url, 200]);
      await asset.body?.cancel();
    }
  });

  it("are asked for each time with their scripts, what lasts once an hour (S3-GW-16)", async () => {
    const kept = async (path: string) => {
      const response = await call(path);
      await response.body?.cancel();
      return response.headers.get("cache-control");
    };
    for (const path of [
      "/openapi.json",
      "/docs/swagger-ui-bundle.js",
      "/docs/swagger-ui.css",
      "/pages/page.css",
    ])
      expect([path, await kept(path)]).toEqual([path, "public, max-age=3600"]);
    for (const path of [...PAGES, "/docs/start.js", "/pages/ask-link.js"])
      expect([path, await kept(path)]).toEqual([path, "public, max-age=0, must-revalidate"]);
  });

  it.each(["/docs/", "//docs"])("%s is the same page, without a redirect", async (path) => {
    const response = await call(path);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("Souk API reference");
  });

  it.each([
    "/pages/verify-email.js",
    "/pages/reset-password.js",
    "/pages/unlock-account.js",
    "/pages/confirm-email-change.js",
    "/pages/ask-link.js",
  ])("%s imports only what there is, and posts to what is public", async (path) => {
    const script = await (await call(path)).text();
    const imported = [...script.matchAll(/from "([^"]+)"/g)].map(([, url]) => url ?? "");
    expect(imported.length).toBeGreaterThan(0);
    for (const url of imported) {
      const asset = await call(new URL(url, `https://souk.test${path}`).pathname);
      expect([url, asset.headers.get("content-type")]).toEqual([url, expect.stringContaining("javascript")]);
      await asset.body?.cancel();
    }
    for (const [target] of script.matchAll(/(?<=")\/api\/[^"]+/g)) {
      expect([target, ROUTING_TABLE.find((row) => row.path === target)?.methods.POST]).toEqual([
        target,
        "public",
      ]);
    }
  });

  it("answers 304 to who has it already", async () => {
    const first = await call("/verify-email");
    await first.body?.cancel();
    const etag = first.headers.get("etag");
    if (etag === null) throw new Error("no etag");
    expect((await call("/verify-email", { "if-none-match": etag })).status).toBe(304);
  });

  it("the root leads to the API reference", async () => {
    const response = await call("/");
    expect([response.status, response.headers.get("location")]).toEqual([302, "/docs"]);
  });

  it("nothing else of the assets folder is public", async () => {
    for (const path of [
      "/docs.html",
      "/docs/index.html",
      "/pages",
      "/verify-email.html",
      "/docs/nothing.js",
    ]) {
      expect([path, (await call(path)).status]).toEqual([path, 404]);
    }
  });
});

const isStream = (path: string) => path.startsWith("/ws") || /^\/api\/v1\/realtime\/.*events$/.test(path);

describe("GET /openapi.json", () => {
  it("describes every route but the streams, which are in docs/asyncapi.json", async () => {
    const document: { openapi: string; paths: Record<string, object> } = await (
      await call("/openapi.json")
    ).json();
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual(
      ROUTING_TABLE.map((row) => row.path).filter((path) => !isStream(path)),
    );
  });
});
