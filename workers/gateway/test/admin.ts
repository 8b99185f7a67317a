import { Control, type ControlChange } from "../src/control/settings.ts";
import type { Isolate } from "./isolates.ts";
import { accessToken, type SigningKey } from "./tokens.ts";

/** Calls the operators' routes as an admin. */
export async function adminOf(key: SigningKey, isolate: Isolate, userId = crypto.randomUUID()) {
  const token = await accessToken(key, { role: "admin", userId });
  const call = (method: string, path: string, body?: unknown) =>
    isolate(`/api/v1/admin/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const read = async (): Promise<Control> => Control.parse(await (await call("GET", "control")).json());
  return {
    userId,
    call,
    read,
    /** Makes a change from the version that is current. */
    change: async (change: Omit<ControlChange, "version">): Promise<Response> =>
      call("PATCH", "control", { version: (await read()).version, ...change }),
    purge: (...tags: string[]): Promise<Response> => call("POST", "cache/purges", { tags }),
  };
}
export type Admin = Awaited<ReturnType<typeof adminOf>>;
