import { z } from "zod";

const Login = z.object({ accessToken: z.string() });
const WITHIN_MS = 60_000;

/**
 * Asks the API as an operator's command does.
 * @throws Error with what it answered, unless that is a success
 */
export async function call(url: string, method: string, body?: unknown, token?: string): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${method} ${new URL(url).pathname} answered ${response.status}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/**
 * The access token of the admin whom SOUK_ADMIN_EMAIL and SOUK_ADMIN_PASSWORD name.
 * @throws Error with the command's usage when they are not set
 */
export async function logIn(apiUrl: string, usage: string): Promise<string> {
  const email = process.env["SOUK_ADMIN_EMAIL"];
  const password = process.env["SOUK_ADMIN_PASSWORD"];
  if (!email || !password) throw new Error(usage);
  return Login.parse(await call(`${apiUrl}/api/v1/auth/login`, "POST", { email, password })).accessToken;
}
