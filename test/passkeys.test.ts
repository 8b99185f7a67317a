import { decodeJwt } from "jose";
import type { CDPSession, Page } from "playwright-core";
import { afterEach, expect, it } from "vitest";
import { z } from "zod";
import { browse, LOCALHOST, noBrowser, type Browsing } from "./clients/browser.ts";
import { mailTo, request } from "./http.ts";
import { newPerson } from "./person.ts";
import { rememberSecretsOf } from "./remembered-secrets.ts";

const open: Browsing[] = [];
const without = noBrowser();
afterEach(async () => {
  const complaints = open.flatMap((browsing) => browsing.complaints);
  await Promise.all(open.splice(0).map((browsing) => browsing.close()));
  expect(complaints).toEqual([]);
});

const Answer = z.object({ status: z.int(), json: z.record(z.string(), z.unknown()) });
const Held = z.object({ credentials: z.array(z.object({ credentialId: z.string(), signCount: z.int() })) });
const Stored = z.object({ items: z.array(z.object({ id: z.uuid(), lastUsedAt: z.string().nullable() })) });

/** A page of the platform in a browser that has an authenticator, whose owner always says yes. */
async function withAuthenticator(): Promise<{ page: Page; device: CDPSession; authenticatorId: string }> {
  const browsing = await browse();
  open.push(browsing);
  const { page } = browsing;
  const device = await page.context().newCDPSession(page);
  await device.send("WebAuthn.enable");
  const { authenticatorId } = await device.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(`${LOCALHOST}/app/chat`);
  return { page, device, authenticatorId };
}

/** What the page's script does with what it is given; the browser's own functions read and write WebAuthn's JSON forms. */
async function inPage(page: Page, given: object, script: string) {
  const answer = await page.evaluate(`(async (given) => {
    const post = async (path, body) => {
      const answer = await fetch("/api/v1/auth/" + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...given.headers },
        body: JSON.stringify(body),
      });
      return { status: answer.status, json: await answer.json() };
    };
    ${script}
  })(${JSON.stringify(given)})`);
  rememberSecretsOf(JSON.stringify(answer));
  return Answer.parse(answer);
}

const register = (page: Page, { accessToken, password }: { accessToken: string; password: string }) =>
  inPage(
    page,
    { password, headers: { authorization: `Bearer ${accessToken}` } },
    `const begun = await post("passkey-registrations", { password: given.password });
     const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(begun.json.options);
     try {
       const credential = await navigator.credentials.create({ publicKey });
       return await post("passkeys", { name: "this browser", credential: credential.toJSON() });
     } catch (error) {
       return { status: 0, json: { refusedBy: "browser", name: error.name } };
     }`,
  );

const signIn = (page: Page) =>
  inPage(
    page,
    {},
    `const begun = await post("passkey-challenges", {});
     const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(begun.json.options);
     try {
       const credential = await navigator.credentials.get({ publicKey });
       return await post("passkey-sessions", { credential: credential.toJSON() });
     } catch (error) {
       return { status: 0, json: { refusedBy: "browser", name: error.name } };
     }`,
  );

it("a browser's authenticator makes a passkey and signs in with it, once for each, and is refused as a copy of itself", async (context) => {
  context.skip(without !== undefined, without);
  const person = await newPerson();
  const token = person.accessToken;
  const { page, device, authenticatorId } = await withAuthenticator();
  expect(await register(page, person)).toMatchObject({ status: 201, json: { name: "this browser" } });
  await mailTo(person.email, /passkey was added/);
  expect(await register(page, person)).toMatchObject({ status: 0, json: { name: "InvalidStateError" } });

  const first = await signIn(page);
  expect(first).toMatchObject({ status: 200, json: { user: { id: person.id } } });
  expect(decodeJwt(String(first.json["accessToken"]))).toMatchObject({ sub: person.id, aal: 2 });
  expect((await signIn(page)).status).toBe(200);

  await device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  expect(await signIn(page)).toMatchObject({ status: 0, json: { name: "NotAllowedError" } });
  await device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });

  const { credentials } = await device.send("WebAuthn.getCredentials", { authenticatorId });
  const [credential] = credentials;
  if (credential === undefined) throw new Error("the authenticator holds nothing");
  expect(Held.parse({ credentials }).credentials[0]?.signCount).toBeGreaterThan(1);
  await device.send("WebAuthn.removeCredential", { authenticatorId, credentialId: credential.credentialId });
  await device.send("WebAuthn.addCredential", {
    authenticatorId,
    credential: { ...credential, signCount: 0 },
  });
  const refused = { status: 401, json: { code: "invalid_passkey" } };
  expect(await signIn(page)).toMatchObject(refused);

  const { items } = Stored.parse((await request("GET", "/api/v1/auth/passkeys", { token })).json);
  expect(items).toHaveLength(1);
  expect(items[0]?.lastUsedAt).not.toBeNull();
  const removed = await request("DELETE", `/api/v1/auth/passkeys/${items[0]?.id}`, { token });
  expect(removed.status).toBe(204);
  await mailTo(person.email, /passkey was taken away/);
  expect(await signIn(page)).toMatchObject(refused);
});
