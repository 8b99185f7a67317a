import { expect, it } from "vitest";
import { mailTo, request } from "./http.ts";
import { logIn, newPerson } from "./person.ts";

const tokenIn = (text: string) => /confirm-email-change#token=([\w-]+)/.exec(text)?.[1];

it("moves an account to another address when both have followed their mailed links", async () => {
  const person = await newPerson();
  const next = `${crypto.randomUUID()}@example.com`;
  const asked = await request("POST", "/api/v1/auth/change-email", {
    token: person.accessToken,
    body: { email: next, password: person.password },
  });
  expect([asked.status, asked.json]).toEqual([202, { accepted: true }]);
  for (const address of [next, person.email]) {
    const { text } = await mailTo(address, /confirm your (change of|new) address/i);
    const confirmed = await request("POST", "/api/v1/auth/confirm-email-change", {
      body: { token: tokenIn(text) },
    });
    expect([address, confirmed.status]).toEqual([address, 200]);
  }
  await mailTo(person.email, /address was changed/);
  expect((await logIn(next, person.password)).user.id).toBe(person.id);
});
