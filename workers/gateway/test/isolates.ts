import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import { Env } from "../src/env.ts";
import { nextAddress } from "../../../test/next-address.ts";

/** Sends a request to one gateway isolate. */
export type Isolate = (path: string, init?: RequestInit) => Promise<Response>;

async function newIsolate(): Promise<Isolate> {
  vi.resetModules();
  const { app } = await import("../src/app.ts");
  return async (path, init) => {
    const headers = new Headers(init?.headers);
    if (!headers.has("cf-connecting-ip")) headers.set("cf-connecting-ip", nextAddress());
    const request = new Request(`https://souk.test${path}`, { ...init, headers });
    return app.fetch(request, env, createExecutionContext());
  };
}

/** Two gateways with a memory of their own, as two isolates have: the same code loaded anew, before the same bindings. */
export async function newIsolates(): Promise<[Isolate, Isolate]> {
  const isolates: [Isolate, Isolate] = [await newIsolate(), await newIsolate()];
  const { CONTROL } = Env.parse(env);
  // The object's own code was loaded anew too, of which the first who calls it is told by an error.
  await vi.waitFor(async () => CONTROL.getByName("control").document(), { timeout: 10_000 });
  return isolates;
}
