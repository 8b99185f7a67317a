import { z } from "zod";

const Login = z.object({ accessToken: z.string() });
const WITHIN_MS = 60_000;
const UNAUTHORIZED = 401;

async function send(url: string, method: string, body: unknown, token: string | undefined) {
  const response = await fetch(url, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  return { ok: response.ok, status: response.status, text: await response.text() };
}

/**
 * Asks the API as an operator's command does.
 * @throws Error with what it answered, unless that is a success
 */
export type AdminCall = (path: string, method: string, body?: unknown) => Promise<unknown>;

/**
 * Logs in the admin whom SOUK_ADMIN_EMAIL and SOUK_ADMIN_PASSWORD name. A token lives for an hour and a command may run longer: when it is
 * refused, the admin is logged in anew and the call repeated, once.
 * @throws Error with the command's usage when they are not set, or with what the API answered
 */
export async function logIn(apiUrl: string, usage: string): Promise<AdminCall> {
  const email = process.env["SOUK_ADMIN_EMAIL"];
  const password = process.env["SOUK_ADMIN_PASSWORD"];
  if (!email || !password) throw new Error(usage);
  const read = (method: string, path: string, { ok, status, text }: Awaited<ReturnType<typeof send>>) => {
    if (!ok) throw new Error(`${method} ${path} answered ${status}: ${text}`);
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  };
  const newToken = async () => {
    const path = "/api/v1/auth/login";
    const answer = await send(`${apiUrl}${path}`, "POST", { email, password }, undefined);
    return Login.parse(read("POST", path, answer)).accessToken;
  };
  let token = await newToken();
  return async (path, method, body) => {
    const url = `${apiUrl}${path}`;
    let answer = await send(url, method, body, token);
    if (answer.status === UNAUTHORIZED) {
      token = await newToken();
      answer = await send(url, method, body, token);
    }
    return read(method, new URL(url).pathname, answer);
  };
}
