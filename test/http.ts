import { z } from "zod";
import { testPlatform } from "./platform.ts";

/** A request through the gateway; the body, if any, is sent as JSON. */
export async function request(
  method: string,
  path: string,
  options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const { url } = await testPlatform();
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: "manual",
    headers: {
      ...(options.body !== undefined && { "content-type": "application/json" }),
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  const json: unknown = /json/.test(response.headers.get("content-type") ?? "")
    ? JSON.parse(text)
    : undefined;
  return { status: response.status, headers: response.headers, text, json };
}

/**
 * Asks again and again until there is an answer, and gives it.
 * @throws Error after 20 s, naming what was waited for
 */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Not within 20 s: ${what}`);
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

/** The mails that an address has received, newest first. */
export async function mailsTo(address: string): Promise<Mail[]> {
  const { mail } = await testPlatform();
  const response = await fetch(`${mail.url}/api/messages?to=${encodeURIComponent(address)}`);
  return z.object({ items: z.array(Mail) }).parse(await response.json()).items;
}

/** The mail to an address whose subject matches, once it has arrived. */
export const mailTo = (address: string, subject: RegExp): Promise<Mail> =>
  eventually(`a mail ${subject.source} to ${address}`, async () =>
    (await mailsTo(address)).find((mail) => subject.test(mail.subject)),
  );
