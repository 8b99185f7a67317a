import { nextAddress } from "../next-address.ts";
import type { Person } from "../person.ts";
import { testPlatform } from "../platform.ts";
import { rememberSecretsOf } from "../remembered-secrets.ts";
import type { Operation } from "./document.ts";

export interface Call {
  token?: string | undefined;
  params?: Record<string, string>;
  query?: Record<string, string>;
  /** The body as it travels. */
  body?: string | ReadableStream<Uint8Array> | undefined;
  headers?: Record<string, string>;
  /** Another method than the operation's. */
  method?: string;
}

/** Calls an operation straight at the gateway: Prism would not hand on what is broken. */
export async function call(operation: Pick<Operation, "method" | "path">, options: Call = {}) {
  const { url } = await testPlatform();
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => options.params?.[name] ?? "");
  const target = new URL(url + path);
  for (const [name, value] of Object.entries(options.query ?? {})) target.searchParams.set(name, value);
  const response = await fetch(target, {
    method: options.method ?? operation.method,
    redirect: "manual",
    headers: {
      "cf-connecting-ip": nextAddress(),
      ...(options.body !== undefined && { "content-type": "application/json" }),
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    ...(options.body !== undefined && { body: options.body, duplex: "half" }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  rememberSecretsOf(text);
  let json: unknown;
  if (/json/.test(response.headers.get("content-type") ?? "")) json = JSON.parse(text);
  return { status: response.status, headers: response.headers, text, json };
}
export type Answer = Awaited<ReturnType<typeof call>>;

/**
 * Has somebody do what a test needs to be done, and returns the JSON of the answer.
 * @throws Error when it is refused
 */
export async function done(
  by: Person,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const { status, text, json } = await call({ method, path }, { token: by.accessToken, ...sent, headers });
  if (status >= 300) throw new Error(`${method} ${path} answered ${status} ${text}`);
  return json;
}
