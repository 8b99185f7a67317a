import { once } from "node:events";
import { createServer } from "node:http";
import Provider from "oidc-provider";
import type { TestProject } from "vitest/node";
import { freePort } from "../../../local/free-port.ts";
import { CAPTCHA_SECRET, startCaptcha } from "../../../local/captcha/server.ts";
import { startBreachedPasswords } from "../../../local/breached/server.ts";
import { CLIENT, startScriptedProviders } from "../../../local/openid/server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the list of breached passwords is. */
    breached: string;
    /** The verifier of CAPTCHAs. */
    captcha: { url: string; secret: string };
    openid: {
      /** A certified provider, which knows everybody: who logs in as `x` has the verified address `x@example.com`. */
      certified: string;
      /** The issuer of the scripted provider `NAME`, which is to be replaced. */
      scripted: string;
      client: { id: string; secret: string };
      redirectUri: string;
    };
  }
}

const REDIRECT_URI = "https://app.souk.test/signed-in";

/** What this Worker calls, beside workerd: OpenID providers, the list of breached passwords, the verifier of CAPTCHAs. */
export default async function setup(project: TestProject) {
  const breached = await startBreachedPasswords();
  const captcha = await startCaptcha();
  const scripted = await startScriptedProviders();
  const port = await freePort();
  const certified = `http://127.0.0.1:${port}`;
  const provider = new Provider(certified, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [REDIRECT_URI],
        grant_types: ["authorization_code", "refresh_token"],
      },
    ],
    claims: {
      openid: ["sub"],
      email: ["email", "email_verified"],
      profile: ["name", "given_name", "family_name"],
    },
    cookies: { keys: ["a-key-of-tests"] },
    features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: !id.startsWith("unverified"),
        name: "Grace Brewster Hopper",
      }),
    }),
    issueRefreshToken: async () => true,
  });
  const server = createServer(provider.callback());
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  project.provide("breached", breached.url);
  project.provide("captcha", { url: captcha.url, secret: CAPTCHA_SECRET });
  project.provide("openid", {
    certified,
    scripted: scripted.issuer("NAME"),
    client: CLIENT,
    redirectUri: REDIRECT_URI,
  });
  return async () => {
    server.closeAllConnections();
    server.close();
    await scripted.close();
    await breached.close();
    await captcha.close();
  };
}
