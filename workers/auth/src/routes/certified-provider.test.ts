import { identities } from "@souk/db/schema/auth-identities";
import { unseal } from "@souk/kit/envelope";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { actorHeader, contextAt, eventsOf, owner, post, problemOf } from "../../test/actions.ts";
import { logInAtProvider } from "../../test/browser.ts";
import { authorizationOf, begun, configureProviders, newSubject, REDIRECT_URI } from "../../test/openid.ts";
import { ask } from "../../test/second-factor.ts";
import { Identity } from "../provider-schemas.ts";
import { Tokens } from "../session-schemas.ts";
import { REFRESH_PURPOSE, refreshRow } from "../services/prove-identity.ts";

configureProviders();

const finish = (body: object) => post("providers/certified/sessions", body);

/** A sign-in over the provider's own pages, up to what the browser brings back. */
async function broughtBack(login: string) {
  const { url, flow } = await begun("certified");
  const { code, state, iss } = await logInAtProvider(url, login);
  return { code, state, iss, flow };
}

describe("a certified provider", () => {
  it("registers a person and logs them in again, by its userinfo and its own keys", async () => {
    const login = newSubject();
    const { user } = Tokens.parse(await (await finish(await broughtBack(login))).json());
    expect(user).toMatchObject({
      email: `${login}@example.com`,
      firstName: "Grace",
      lastName: "Brewster Hopper",
    });
    const again = Tokens.parse(await (await finish(await broughtBack(login))).json());
    expect(again.user.id).toBe(user.id);
    expect(await eventsOf(user.id)).toEqual(["user.registered", "user.verified"]);
  });

  it("has its refresh token kept sealed, bound to the identity", async () => {
    const login = newSubject();
    Tokens.parse(await (await finish(await broughtBack(login))).json());
    const [identity] = await owner.select().from(identities).where(eq(identities.subject, login));
    const sealed = identity?.sealedRefreshToken ?? "";
    const { DATA_KEYS } = contextAt().env;
    const place = { purpose: REFRESH_PURPOSE, rowId: refreshRow("certified", login) };
    const token = await unseal(DATA_KEYS, sealed, place);
    expect(token).toMatch(/^[\w-]{20,}$/);
    expect(sealed).not.toContain(token);
    await expect(
      unseal(DATA_KEYS, sealed, { ...place, rowId: refreshRow("certified", "x") }),
    ).rejects.toThrow();
  });

  it("is believed only with its own name in the answer", async () => {
    const { iss, ...rest } = await broughtBack(newSubject());
    expect(iss).toMatch(/^http:/);
    const refused = { status: 401, code: "invalid_authorization" };
    expect(await problemOf(await finish(rest))).toEqual(refused);
    const other = await broughtBack(newSubject());
    expect(await problemOf(await finish({ ...other, iss: "https://evil.example" }))).toEqual(refused);
  });

  it("refuses a code of another browser's sign-in, by PKCE, and one that was used", async () => {
    const mine = await broughtBack(newSubject());
    const theirs = await broughtBack(newSubject());
    const refused = { status: 401, code: "invalid_authorization" };
    expect(await problemOf(await finish({ ...theirs, code: mine.code }))).toEqual(refused);
    const sound = await broughtBack(newSubject());
    expect((await finish(sound)).status).toBe(200);
    const next = await broughtBack(newSubject());
    expect(await problemOf(await finish({ ...next, code: sound.code }))).toEqual(refused);
  });

  it("vouches for no address that it has not verified", async () => {
    const answer = await finish(await broughtBack(`unverified-${crypto.randomUUID()}`));
    expect(await problemOf(answer)).toEqual({ status: 403, code: "email_not_verified" });
  });

  it("is linked by who is logged in, and unlinked again", async () => {
    const first = Tokens.parse(await (await finish(await broughtBack(newSubject()))).json());
    const headers = actorHeader(first.accessToken);
    const acme = await post(
      "identity-authorizations",
      { provider: "acme", redirectUri: REDIRECT_URI },
      headers,
    );
    expect((await authorizationOf(acme)).url).toContain("/acme/authorize?");
    const [own] = await owner.select().from(identities).where(eq(identities.userId, first.user.id));
    const listed = await (await ask("GET", "identities", headers)).json();
    expect(listed).toMatchObject({ items: [{ id: own?.id, provider: "certified" }], nextCursor: null });
    expect(Identity.parse(Object(listed).items[0]).email).toBe(first.user.email);
    expect(await problemOf(await ask("DELETE", `identities/${own?.id}`, headers))).toEqual({
      status: 409,
      code: "conflict",
    });
  });
});
