import { createHash } from "node:crypto";
import { Hono } from "hono";
import { serve } from "../serve.ts";
import { ProviderKeys } from "./keys.ts";
import { scriptOf } from "./script.ts";

export interface ScriptedProviders {
  /** The issuer of the provider of this name, which speaks for itself alone. */
  issuer: (name: string) => string;
  close(): Promise<void>;
}

export const CLIENT = { id: "souk", secret: "a-client-secret" };
const FLOOD = "x".repeat(1024 * 1024);

/** The client that a request names and proves to be: by HTTP Basic, whose halves are form-encoded (RFC 6749, 2.3.1), or in its body. */
function clientOf(form: URLSearchParams, authorization: string | undefined): (string | null)[] {
  if (authorization === undefined) return [form.get("client_id"), form.get("client_secret")];
  const pair = atob(authorization.replace("Basic ", ""));
  return pair.split(":").map((half) => decodeURIComponent(half));
}

const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");

/** One provider. What it answers to a code is what the code says: a test writes it as the browser would bring it. */
class ScriptedProvider {
  readonly issuer: string;
  readonly keys: ProviderKeys;
  readonly revoked: string[] = [];
  keyRequests = 0;
  readonly #used = new Set<string>();

  constructor(issuer: string, keys: ProviderKeys) {
    this.issuer = issuer;
    this.keys = keys;
  }

  metadata() {
    const at = (path: string) => `${this.issuer}/${path}`;
    return {
      issuer: this.issuer,
      authorization_endpoint: at("authorize"),
      token_endpoint: at("token"),
      jwks_uri: at("jwks"),
      revocation_endpoint: at("revoke"),
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256", "none", "HS256"],
    };
  }

  /** The token endpoint (RFC 6749, 4.1.3; RFC 7636, 4.6). */
  async token(form: URLSearchParams, authorization: string | undefined): Promise<Response> {
    const refuse = (error: string, status = 400) => Response.json({ error }, { status });
    const [id, secret] = clientOf(form, authorization);
    if (id !== CLIENT.id || secret !== CLIENT.secret) return refuse("invalid_client", 401);
    const script = scriptOf(form.get("code") ?? "");
    if (script === undefined || this.#used.has(script.id)) return refuse("invalid_grant");
    this.#used.add(script.id);
    const verifier = form.get("code_verifier");
    if (script.challenge === undefined ? verifier !== null : challengeOf(verifier ?? "") !== script.challenge)
      return refuse("invalid_grant");
    if (script.answer === "failure") return refuse("server_error", 500);
    if (script.answer === "silence") return new Promise(() => {});
    if (script.answer === "redirect") return Response.redirect(`${this.issuer}/elsewhere`, 307);
    if (script.answer === "flood") return Response.json({ flood: FLOOD });
    if (script.answer === "page")
      return new Response("<h1>Hello</h1>", { headers: { "content-type": "text/html" } });
    const issued = Math.floor(Date.now() / 1000) - script.age;
    const sound = {
      iss: this.issuer,
      aud: CLIENT.id,
      sub: script.subject,
      iat: issued,
      exp: issued + 300,
      email: `${script.subject}@example.com`,
      email_verified: true,
      given_name: "Grace",
      family_name: "Hopper",
      ...(script.nonce !== undefined && { nonce: script.nonce }),
    };
    const claims = Object.fromEntries(
      Object.entries({ ...sound, ...script.claims }).filter(([, value]) => value !== null),
    );
    return Response.json({
      access_token: "an-access-token",
      token_type: "Bearer",
      id_token: await this.keys.sign(claims, script.signed, CLIENT.secret),
      ...(script.refreshToken !== undefined && { refresh_token: script.refreshToken }),
    });
  }
}

/**
 * OpenID providers on 127.0.0.1 for what no sound provider does: each is scripted by the codes that it is brought. A provider is there
 * when its name is first asked for. Besides the standard's endpoints, `POST rotate` changes its key and `GET told` says what it was asked.
 */
export async function startScriptedProviders(): Promise<ScriptedProviders> {
  const providers = new Map<string, Promise<ScriptedProvider>>();
  const app = new Hono();
  const served = await serve(app.fetch, {
    purpose: "the scripted OpenID providers",
    variable: "SOUK_PORT_OPENID",
  });
  const issuer = (name: string) => `${served.url}/${name}`;
  const named = (name: string): Promise<ScriptedProvider> => {
    const known =
      providers.get(name) ?? ProviderKeys.generate().then((keys) => new ScriptedProvider(issuer(name), keys));
    providers.set(name, known);
    return known;
  };
  app.get("/:name/.well-known/openid-configuration", async (c) =>
    c.json((await named(c.req.param("name"))).metadata()),
  );
  app.get("/:name/jwks", async (c) => {
    const provider = await named(c.req.param("name"));
    provider.keyRequests += 1;
    return c.json(provider.keys.published());
  });
  app.post("/:name/token", async (c) =>
    (await named(c.req.param("name"))).token(
      new URLSearchParams(await c.req.text()),
      c.req.header("authorization"),
    ),
  );
  app.post("/:name/revoke", async (c) => {
    (await named(c.req.param("name"))).revoked.push(
      new URLSearchParams(await c.req.text()).get("token") ?? "",
    );
    return c.body(null, 200);
  });
  app.post("/:name/rotate", async (c) => {
    await (await named(c.req.param("name"))).keys.rotate();
    return c.body(null, 204);
  });
  app.get("/:name/told", async (c) => {
    const { keyRequests, revoked } = await named(c.req.param("name"));
    return c.json({ keyRequests, revoked });
  });
  return { issuer, close: () => served.close() };
}
