import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { fetchOut } from "@souk/kit/fetch-out";
import { z } from "zod";
import { CaptchaToken } from "../captcha-schemas.ts";
import { clientAddress } from "../client-address.ts";
import type { Env } from "../env.ts";
import { LIMITS } from "../limits.ts";
import { readBounded } from "./read-bounded.ts";

/** What Cloudflare Turnstile's siteverify answers. */
const Verdict = z.object({
  success: z.boolean(),
  hostname: z.string().optional(),
  action: z.string().optional(),
  "error-codes": z.array(z.string()).default([]),
});

/** Refusals that say nothing about the token: the verifier or our secret is at fault. Not `bad-request`, which a strange token may cause. */
const NOT_THE_TOKENS = ["internal-error", "missing-input-secret", "invalid-input-secret"];

async function askVerifier(
  context: Context<Env>,
  token: string,
  ip: string | null,
): Promise<z.infer<typeof Verdict>> {
  const { CAPTCHA_URL, TURNSTILE_SECRET } = context.env;
  const { timeoutMs, maxBytes } = LIMITS.captcha;
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ secret: TURNSTILE_SECRET, response: token, ...(ip !== null && { remoteip: ip }) }),
    redirect: "manual" as const,
    signal: AbortSignal.timeout(timeoutMs),
  };
  const verdict = await fetchOut(context, CAPTCHA_URL, init, async (response) =>
    Verdict.parse(JSON.parse(new TextDecoder().decode(await readBounded(response, maxBytes)))),
  );
  const fault = verdict["error-codes"].find((code) => NOT_THE_TOKENS.includes(code));
  if (fault !== undefined) throw new Error(`The verifier answers ${fault}`);
  return verdict;
}

/**
 * Lets pass who has solved a CAPTCHA for this action on a page of ours, where the operator asks for one. A verifier that does not answer
 * keeps nobody out: the limits by address, account and mail hold without it.
 * @throws AppError captcha_required
 */
export async function proveCaptcha(
  context: Context<Env>,
  headers: Headers,
  action: "register" | "resend-verification" | "forgot-password" | "mail-sign-ins",
): Promise<void> {
  const { CAPTCHA_URL, CAPTCHA_HOSTNAMES } = context.env;
  if (CAPTCHA_URL === "") return;
  const required = new AppError(
    "captcha_required",
    "Solve the CAPTCHA and send its token as `captcha-token`; each is good once, for five minutes.",
  );
  const token = CaptchaToken.safeParse(headers.get("captcha-token")).data;
  if (token === undefined) throw required;
  let verdict: z.infer<typeof Verdict>;
  try {
    verdict = await askVerifier(context, token, clientAddress(headers));
  } catch (error) {
    context.log.error("a CAPTCHA cannot be verified", { error });
    return;
  }
  const { success, hostname = "", action: solved } = verdict;
  if (!success || solved !== action || !CAPTCHA_HOSTNAMES.includes(hostname)) throw required;
}
