import { createHash } from "node:crypto";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { fetchOut } from "@souk/kit/fetch-out";
import type { Env } from "../env.ts";
import { LIMITS } from "../limits.ts";
import { readBounded } from "./read-bounded.ts";

const PREFIX = 5;
const RANGE = /^[\dA-F]{35}:\d/;

/** The rest of each known SHA-1 that begins so, with how often it was seen. Lines of nothing are among them: nobody shall tell the prefix by the length. */
async function askRange(context: Context<Env>, prefix: string): Promise<string> {
  const { timeoutMs, maxBytes } = LIMITS.breachedPasswords;
  const init = {
    headers: { "add-padding": "true", "user-agent": "souk" },
    redirect: "manual" as const,
    signal: AbortSignal.timeout(timeoutMs),
  };
  const url = `${context.env.BREACHED_PASSWORDS_URL.replace(/\/$/, "")}/range/${prefix}`;
  return fetchOut(context, url, init, async (response) => {
    if (response.status !== 200) throw new Error(`Status ${response.status}`);
    const range = new TextDecoder().decode(await readBounded(response, maxBytes));
    if (!RANGE.test(range)) throw new Error("The answer is no range");
    return range;
  });
}

/**
 * Refuses a new password that is known from a data breach (Have I Been Pwned, range search): five letters of its SHA-1 go out, which
 * thousands share. Where the list does not answer the password is good: nobody is kept out by it.
 * @param field of the request that the password stands in
 * @throws AppError validation_failed
 */
export async function refuseBreached(context: Context<Env>, field: string, password: string): Promise<void> {
  if (context.env.BREACHED_PASSWORDS_URL === "") return;
  const digest = createHash("sha1").update(password).digest("hex").toUpperCase();
  let range: string;
  try {
    range = await askRange(context, digest.slice(0, PREFIX));
  } catch (error) {
    context.log.warn("breached passwords cannot be looked up", { error });
    return;
  }
  const known = range
    .split("\n")
    .map((entry) => entry.trim().split(":"))
    .some(([rest, count]) => rest === digest.slice(PREFIX) && Number(count) > 0);
  if (known)
    throw new AppError("validation_failed", "Correct the fields named in `details`.", {
      details: [{ field, message: "is known from a data breach: choose another" }],
    });
}
