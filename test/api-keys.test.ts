import { expect, it } from "vitest";
import { z } from "zod";
import { eventually, request } from "./http.ts";
import { logIn, newAdmin, newPerson } from "./person.ts";

const KEYS = "/api/v1/auth/api-keys";
const ALERT = { metal: "XAU", currency: "USD", type: "above", threshold: "999999" };
const Created = z.object({ id: z.uuid(), key: z.string() });
const Items = z.object({ items: z.array(z.object({ id: z.uuid(), lastUsedAt: z.string().nullable() })) });

const statusOf = async (token: string) => (await request("GET", "/api/v1/alerts", { token })).status;

/** Asks until the key is answered so; the promise is 10 s, the rest is for a busy machine. */
const answered = (token: string, status: number) =>
  eventually(
    `the key to be answered ${status}`,
    async () => ((await statusOf(token)) === status ? true : undefined),
    15_000,
  );

async function newKey({ accessToken: token, password }: { accessToken: string; password: string }) {
  const body = { name: "bot", scopes: ["alerts:read", "alerts:write"], password };
  return Created.parse((await request("POST", KEYS, { token, body })).json);
}

it("a machine acts by a key for its owner, is rolled without a gap, and cut off within 10 s", async () => {
  const ada = await newPerson();
  const { id, key } = await newKey(ada);
  const created = await request("POST", "/api/v1/alerts", { token: key, body: ALERT });
  expect(created.status).toBe(201);
  const listed = await request("GET", "/api/v1/alerts", { token: ada.accessToken });
  expect(listed.json).toMatchObject({ items: [created.json] });
  expect((await request("GET", "/api/v1/users/me", { token: key })).status).toBe(403);
  const keys = await request("GET", KEYS, { token: ada.accessToken });
  expect(Items.parse(keys.json).items[0]?.lastUsedAt).toEqual(expect.any(String));
  expect(keys.text).not.toContain(key.slice(-30));

  const rolled = await request("POST", `${KEYS}/${id}/roll`, {
    token: ada.accessToken,
    body: { password: ada.password },
  });
  const next = Created.parse(rolled.json).key;
  for (const token of [key, next]) expect(await statusOf(token)).toBe(200);

  expect((await request("DELETE", `${KEYS}/${id}`, { token: ada.accessToken })).status).toBe(204);
  for (const token of [key, next]) await answered(token, 401);
  expect(await statusOf(ada.accessToken)).toBe(200);
});

it("a key counts while its owner's account is active", async () => {
  const [ada, admin] = [await newPerson(), await newAdmin()];
  const { key } = await newKey(ada);
  const ban = `/api/v1/auth/users/${ada.id}/ban`;
  expect((await request("PUT", ban, { token: admin.accessToken, body: { reason: "Spam" } })).status).toBe(
    200,
  );
  await answered(key, 401);
  expect((await request("DELETE", ban, { token: admin.accessToken })).status).toBe(204);
  await answered(key, 200);
  const { accessToken: token } = await logIn(ada.email, ada.password);
  const leaving = await request("DELETE", "/api/v1/auth/account", {
    token,
    body: { password: ada.password },
  });
  expect(leaving.status).toBe(200);
  await answered(key, 401);
});
