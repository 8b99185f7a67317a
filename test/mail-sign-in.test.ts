import { expect, it } from "vitest";
import { z } from "zod";
import { mailTo, request } from "./http.ts";
import { newPerson } from "./person.ts";

const Begun = z.object({ flow: z.string() });
const Opened = z.object({ accessToken: z.string(), user: z.object({ id: z.uuid() }) });

it.each([
  ["code", /^(\d{8})$/m],
  ["token", /\/sign-in#token=([\w-]{43})$/m],
])("signs a person in by the %s that was mailed to them", async (kind, form) => {
  const person = await newPerson();
  const asked = await request("POST", "/api/v1/auth/mail-sign-ins", { body: { email: person.email } });
  expect(asked.status).toBe(202);
  const { flow } = Begun.parse(asked.json);
  const { text } = await mailTo(person.email, /Sign in to Souk/);
  const [, secret] = form.exec(text) ?? [];
  const opened = await request("POST", "/api/v1/auth/mail-sign-ins/sessions", {
    body: { flow, [kind]: secret },
  });
  expect(opened.status).toBe(200);
  const { accessToken, user } = Opened.parse(opened.json);
  expect(user.id).toBe(person.id);
  expect((await request("GET", "/api/v1/auth/verify", { token: accessToken })).status).toBe(200);
});
