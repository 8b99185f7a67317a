import { Hono } from "hono";
import { z } from "zod";
import { serve, type Served } from "../serve.ts";
import { solvedBy } from "./token.ts";

export const CAPTCHA_SECRET = "a-captcha-secret";
const LIFE_MS = 300_000;

/**
 * Cloudflare Turnstile's siteverify on 127.0.0.1: `POST /siteverify`, as JSON or as a form. Under `/silence`, `/failure` and `/page` it
 * answers as no sound verifier does.
 */
export async function startCaptcha(): Promise<Served> {
  const spent = new Set<string>();
  const app = new Hono();
  app.post("/siteverify", async (c) => {
    const refuse = (code: string) => c.json({ success: false, "error-codes": [code], messages: [] });
    const body: unknown = c.req.header("content-type")?.startsWith("application/json")
      ? await c.req.json()
      : await c.req.parseBody();
    const { secret, response } = z
      .object({ secret: z.string().optional(), response: z.string().optional() })
      .parse(body);
    if (secret === undefined) return refuse("missing-input-secret");
    if (secret !== CAPTCHA_SECRET) return refuse("invalid-input-secret");
    if (response === undefined) return refuse("missing-input-response");
    const solved = solvedBy(response);
    if (solved === undefined) return refuse("invalid-input-response");
    if (spent.has(solved.id) || Date.parse(solved.at) < Date.now() - LIFE_MS)
      return refuse("timeout-or-duplicate");
    spent.add(solved.id);
    const { hostname, action, at } = solved;
    return c.json({ success: true, challenge_ts: at, hostname, "error-codes": [], action, cdata: "" });
  });
  app.post("/silence", () => new Promise<Response>(() => {}));
  app.post("/failure", (c) => c.text("Service unavailable", 503));
  app.post("/page", (c) => c.html("<h1>Hello</h1>"));
  return serve(app.fetch, { purpose: "the verifier of CAPTCHAs", variable: "SOUK_PORT_CAPTCHA" });
}
