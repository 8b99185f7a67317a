import { describe, expect, it } from "vitest";
import { post, problemOf } from "../test/actions.ts";
import { askPasskeys, passkeyOwner } from "../test/passkeys.ts";
import { Passkeys } from "./passkey-settings.ts";

const read = (rpId: string, ...origins: string[]) => Passkeys.safeParse({ rpId, origins }).success;

describe("where passkeys count", () => {
  it("is a domain and origins on it", () => {
    expect(read("souk.example", "https://souk.example", "https://app.souk.example:8443")).toBe(true);
    expect(read("localhost", "http://localhost:8787")).toBe(true);
    expect(read("souk.example", `android:apk-key-hash:${"a".repeat(43)}`)).toBe(true);
  });

  it.each([
    ["another domain", "souk.example", "https://evil.example"],
    ["a domain that only ends alike", "souk.example", "https://evilsouk.example"],
    ["the domain above", "app.souk.example", "https://souk.example"],
    ["no https", "souk.example", "http://souk.example"],
    ["a page", "souk.example", "https://souk.example/app"],
    ["a slash", "souk.example", "https://souk.example/"],
    ["no address", "souk.example", "souk.example"],
  ])("is not %s", (_, rpId, origin) => {
    expect(read(rpId, origin)).toBe(false);
  });

  it("is not nowhere", () => {
    expect(read("souk.example")).toBe(false);
  });
});

it("switched off, there are none to begin with, and those that are there can be seen", async () => {
  const { headers } = await passkeyOwner();
  const none = { status: 404, code: "not_found" };
  expect(await problemOf(await post("passkey-registrations", {}, headers))).toEqual(none);
  expect(await problemOf(await post("passkey-challenges", {}))).toEqual(none);
  const form = { id: "AAAA", rawId: "AAAA", type: "public-key" };
  const added = { ...form, response: { clientDataJSON: "AAAA", attestationObject: "AAAA" } };
  expect(await problemOf(await post("passkeys", { name: "x", credential: added }, headers))).toEqual(none);
  const answered = {
    ...form,
    response: { clientDataJSON: "AAAA", authenticatorData: "AAAA", signature: "AAAA" },
  };
  expect(await problemOf(await post("passkey-sessions", { credential: answered }))).toEqual(none);
  expect(await (await askPasskeys("GET", headers)).json()).toEqual({ items: [], nextCursor: null });
});
