import { z } from "zod";
import { nextAddress } from "./next-address.ts";
import { testPlatform } from "./platform.ts";
import { rememberSecretsOf } from "./remembered-secrets.ts";

interface Options {
  token?: string;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Not through Prism, which changes CORS headers and knows only the paths of the document. */
  direct?: boolean;
}

/**
 * A request through the gateway.
 * @throws Error when the answer is not what the API's document declares
 */
export async function request(method: string, path: string, options: Options = {}) {
  const { url, proxy } = await testPlatform();
  const response = await fetch(`${options.direct ? url : proxy}${path}`, {
    method,
    redirect: "manual",
    headers: {
      "cf-connecting-ip": nextAddress(),
      // What a test has just changed is what it wants to read.
      "cache-control": "no-cache",
      ...(options.body !== undefined && { "content-type": "application/json" }),
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  rememberSecretsOf(text);
  const violations = response.headers.get("sl-violations") ?? "";
  if (violations.includes('"location":["response"'))
    throw new Error(`${method} ${path} answered ${response.status} against the document: ${violations}`);
  const json: unknown = /json/.test(response.headers.get("content-type") ?? "")
    ? JSON.parse(text)
    : undefined;
  return { status: response.status, headers: response.headers, text, json };
}

/**
 * Asks again and again until there is an answer, and gives it.
 * @throws Error when there is none in time, naming what was waited for
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  withinMs = 20_000,
): Promise<T> {
  for (const end = Date.now() + withinMs; Date.now() < end;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Not within ${withinMs / 1000} s: ${what}`);
}

const Mail = z.object({
  id: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  messageId: z.string(),
  from: z.string(),
});
export type Mail = z.infer<typeof Mail>;

/** The mails that everybody has received, newest first. */
export async function allMails(query = ""): Promise<Mail[]> {
  const { mail } = await testPlatform();
  const response = await fetch(`${mail.url}/api/messages${query}`);
  return z.object({ items: z.array(Mail) }).parse(await response.json()).items;
}

/** The mails that an address has received, newest first. */
export const mailsTo = (address: string): Promise<Mail[]> => allMails(`?to=${encodeURIComponent(address)}`);

/** The mail to an address whose subject matches, once it has arrived. */
export const mailTo = (address: string, subject: RegExp): Promise<Mail> =>
  eventually(`a mail ${subject.source} to ${address}`, async () =>
    (await mailsTo(address)).find((mail) => subject.test(mail.subject)),
  );
