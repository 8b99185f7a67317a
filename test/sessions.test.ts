import { decodeJwt } from "jose";
import { expect, it } from "vitest";
import { z } from "zod";
import { eventually, mailTo, request } from "./http.ts";
import { newAdmin, newPerson } from "./person.ts";
import { testPlatform } from "./platform.ts";

const SESSIONS = "/api/v1/auth/sessions";
const Tokens = z.object({ accessToken: z.string(), refreshToken: z.string() });
const Session = z.object({ id: z.uuid(), device: z.string(), current: z.boolean() });
const Page = z.object({ items: z.array(Session) });
const sessionOf = (token: string) => z.object({ sid: z.uuid() }).parse(decodeJwt(token)).sid;

/** A device's socket, and the code that it is closed with. */
async function openSocket(token: string): Promise<{ closed: Promise<number> }> {
  const { url } = await testPlatform();
  const { json } = await request("POST", "/api/v1/realtime/tickets", { token });
  const { ticket } = z.object({ ticket: z.string() }).parse(json);
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws?ticket=${encodeURIComponent(ticket)}`);
  const closed = new Promise<number>((resolve) =>
    socket.addEventListener("close", ({ code }) => resolve(code)),
  );
  await new Promise((resolve) => socket.addEventListener("message", resolve, { once: true }));
  return { closed };
}

const statusOf = async (token: string) => (await request("GET", "/api/v1/users/me", { token })).status;

/** Asks until the token is refused; the promise of the gateway is 10 s, the rest is for a busy machine. */
const refused = (token: string) =>
  eventually(
    "the session to be refused",
    async () => ((await statusOf(token)) === 401 ? true : undefined),
    15_000,
  );

it("a stolen phone is seen, cut off within 10 s with its socket, and the owner was told of it", async () => {
  const ada = await newPerson();
  const answer = await request("POST", "/api/v1/auth/login", {
    body: { email: ada.email, password: ada.password },
    headers: { "user-agent": "Mozilla/5.0 (Linux; Android 16) Gecko/146.0 Firefox/146.0" },
  });
  const phone = Tokens.parse(answer.json);
  const mail = await mailTo(ada.email, /new device/);
  expect(mail.text).toContain("Firefox on Android");
  const socket = await openSocket(phone.accessToken);

  const listed = await request("GET", SESSIONS, { token: ada.accessToken });
  const stolen = Page.parse(listed.json).items.find(({ device }) => device === "Firefox on Android");
  expect(stolen).toMatchObject({ id: sessionOf(phone.accessToken), current: false });
  const ended = await request("DELETE", `${SESSIONS}/${stolen?.id}`, { token: ada.accessToken });
  expect(ended.status).toBe(204);
  expect(await socket.closed).toBe(4001);
  await refused(phone.accessToken);
  expect(await statusOf(ada.accessToken)).toBe(200);
});

it("a ban cuts off whoever is banned, until it is lifted", async () => {
  const [eve, admin] = [await newPerson(), await newAdmin()];
  const socket = await openSocket(eve.accessToken);
  const path = `/api/v1/auth/users/${eve.id}/ban`;
  const banned = await request("PUT", path, { token: admin.accessToken, body: { reason: "Spam" } });
  expect(banned.status).toBe(200);
  expect(await socket.closed).toBe(4001);
  await refused(eve.accessToken);
  const credentials = { body: { email: eve.email, password: eve.password } };
  expect((await request("POST", "/api/v1/auth/login", credentials)).json).toMatchObject({
    code: "account_banned",
  });
  expect((await request("DELETE", path, { token: admin.accessToken })).status).toBe(204);
  expect((await request("POST", "/api/v1/auth/login", credentials)).status).toBe(200);
});
