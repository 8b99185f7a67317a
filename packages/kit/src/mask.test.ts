import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mask, maskText } from "./mask.ts";

const secret = fc.stringMatching(/^[A-Za-z0-9_-]{12,40}$/);

describe("mask", () => {
  it.each([
    "password",
    "newPassword",
    "accessToken",
    "refresh_token",
    "Authorization",
    "cookie",
    "x-api-key",
    "apiKey",
    "ticket",
    "JWT_KEYS",
    "clientSecret",
  ])("hides whatever stands under %s, at any depth", (key) => {
    fc.assert(
      fc.property(secret, (value) => {
        expect(JSON.stringify(mask({ outer: [{ [key]: value, nested: { [key]: [value] } }] }))).not.toContain(
          value,
        );
      }),
    );
  });

  it("hides secrets in text by their form", () => {
    fc.assert(
      fc.property(secret, secret, (one, two) => {
        const jwt = `eyJ${one}.eyJ${two}.${one}`;
        const text = `Bearer ${two} and ${jwt} at postgres://svc_auth:${one}@db.example/souk?token=${two} or https://x.test/#token=${one}`;
        expect(maskText(text)).not.toContain(one);
        expect(maskText(text)).not.toContain(two);
      }),
    );
  });

  it("leaves of a mail address what helps and no more", () => {
    expect(maskText("mail to ada.lovelace@example.com failed")).toBe("mail to a***@example.com failed");
  });

  it("keeps ordinary facts", () => {
    const facts = {
      status: 200,
      route: "/api/v1/alerts/{id}",
      ms: 12,
      userId: "019a0000-0000-7000-8000-000000000000",
      ok: true,
      none: null,
    };
    expect(mask(facts)).toEqual(facts);
  });

  it("ends on a structure that contains itself", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    expect(JSON.stringify(mask(circle))).toContain("[deep]");
  });
});
