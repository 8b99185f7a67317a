import { asOwner } from "@souk/db/operate/owner";
import { z } from "zod";
import { mailTo, request } from "./http.ts";
import { testPlatform } from "./platform.ts";
import { rememberedSecrets } from "./remembered-secrets.ts";

const Tokens = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  user: z.object({ id: z.uuid() }),
});

export interface Person {
  id: string;
  email: string;
  password: string;
  accessToken: string;
  refreshToken: string;
}

/** Logs in. */
export async function logIn(email: string, password: string): Promise<z.infer<typeof Tokens>> {
  const { status, json } = await request("POST", "/api/v1/auth/login", { body: { email, password } });
  if (status !== 200) throw new Error(`log-in answered ${status}`);
  rememberedSecrets.add(email).add(password);
  return Tokens.parse(json);
}

/** A new person who has registered, followed the mailed link and logged in, all through the gateway. */
export async function newPerson(): Promise<Person> {
  const email = `${crypto.randomUUID()}@example.com`;
  const password = `Pw1-${crypto.randomUUID()}`;
  const registered = await request("POST", "/api/v1/auth/register", {
    body: { email, password, firstName: "Ada", lastName: "Lovelace" },
  });
  if (registered.status !== 201)
    throw new Error(`registration answered ${registered.status}: ${registered.text}`);
  const mail = await mailTo(email, /confirm|verify/i);
  const token = /#token=([\w-]+)/.exec(mail.text)?.[1];
  const verified = await request("POST", "/api/v1/auth/verify-email", { body: { token } });
  if (verified.status !== 200) throw new Error(`verification answered ${verified.status}: ${verified.text}`);
  const { accessToken, refreshToken, user } = await logIn(email, password);
  return { id: user.id, email, password, accessToken, refreshToken };
}

/** A new person who is an admin. */
export async function newAdmin(): Promise<Person> {
  const person = await newPerson();
  const { databaseUrl } = await testPlatform();
  await asOwner(databaseUrl, (client) =>
    client.query("UPDATE auth.users SET role = 'admin' WHERE id = $1", [person.id]),
  );
  return { ...person, ...(await logIn(person.email, person.password)) };
}
