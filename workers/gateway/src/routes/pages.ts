import type { App } from "@souk/kit/app";
import { PRESETS } from "@souk/kit/resilience";
import type { Env } from "../env.ts";
import { floodLimit } from "../middleware/flood-limit.ts";

/** What the build puts into the assets folder. Only these are public, so nothing else gets out by being copied there. */
const ASSETS = [
  "/openapi.json",
  "/docs",
  "/docs/start.js",
  "/docs/swagger-ui-bundle.js",
  "/docs/swagger-ui.css",
  "/verify-email",
  "/reset-password",
  "/unlock-account",
  "/confirm-email-change",
  "/sign-in",
  "/pages/page.css",
  "/pages/ask-link.js",
  "/pages/post-token.js",
  "/pages/verify-email.js",
  "/pages/reset-password.js",
  "/pages/unlock-account.js",
  "/pages/confirm-email-change.js",
  "/app/chat",
  "/app/chat.css",
  "/app/chat.js",
];

/** What a browser may keep for an hour (S3-GW-16). Pages and their scripts change together, so they are asked for each time, by ETag. */
const LASTING = ["/openapi.json", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/pages/page.css"];

/** Everything comes from us. Swagger UI alone sets style attributes and shows pictures by data URLs. */
const policy = (styles: string) =>
  `default-src 'none'; script-src 'self'; style-src ${styles}; img-src 'self' data:; connect-src 'self'; ` +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const DOCS_POLICY = policy("'self' 'unsafe-inline'");
const PAGE_POLICY = policy("'self'");

/** The API reference and the pages that mailed links open, from our own assets. */
export function registerPages(app: App<Env>): void {
  app.get("/", floodLimit, (c) => c.redirect("/docs"));
  for (const path of ASSETS) {
    app.get(path, floodLimit, async (c) => {
      const asset = await c.get("context").env.ASSETS.fetch(new URL(path, c.req.url), {
        method: c.req.method,
        headers: c.req.raw.headers,
        signal: AbortSignal.timeout(PRESETS.gateway.timeoutMs),
      });
      const response = new Response(asset.body, asset);
      response.headers.set("content-security-policy", path === "/docs" ? DOCS_POLICY : PAGE_POLICY);
      if (response.ok && LASTING.includes(path))
        response.headers.set("cache-control", "public, max-age=3600");
      return response;
    });
  }
}
