import { ROLES, type Actor } from "@souk/kit/actor";
import type { Context } from "@souk/kit/context";
import { AppError } from "@souk/kit/errors";
import { MemoryCache } from "@souk/kit/memory-cache";
import { errors, jwtVerify } from "jose";
import { z } from "zod";
import type { Env } from "../env.ts";
import { findKeys } from "./find-keys.ts";

const SCHEME = /^Bearer ([A-Za-z0-9._-]{1,4096})$/i;
/** The last letter of 64 bytes in base64url: its four lower bits mean nothing, and others than zeros are no encoding (RFC 4648, 3.5). */
const LAST_LETTER = /[AQgw]$/;
const CLOCK_TOLERANCE_SECONDS = 5;

/** How long a verdict is kept, so that a withdrawn key is soon forgotten, and how many. */
const KEPT_MS = 60_000;
const KEPT_TOKENS = 1_000;

const Claims = z.object({
  sub: z.uuid(),
  sid: z.uuid(),
  jti: z.string().min(1),
  email: z.string(),
  role: z.enum(ROLES),
  exp: z.number(),
  aal: z.literal([1, 2]).optional(),
  /** Who acts as the person (RFC 8693, 4.1). */
  act: z.object({ sub: z.uuid() }).optional(),
});

/**
 * Actors of tokens that passed, by the whole header. A signature (r, s) has a twin (r, n - s), so that a holder can write a token in two
 * ways: the twin is checked for itself, and what ends a session looks at `sid`.
 */
const verified = new MemoryCache<Actor>(KEPT_MS, KEPT_TOKENS);

const refused = () => new AppError("unauthorized", "The access token is not valid or has expired.");

async function check(context: Context<Env>, token: string): Promise<z.infer<typeof Claims>> {
  try {
    const { payload } = await jwtVerify(
      token,
      async (header, jws) => (await findKeys(context, z.string().parse(header.kid)))(header, jws),
      {
        algorithms: ["ES256"],
        // As auth signs it: a JWT that its keys sign for something else would say so (RFC 8725, 3.11).
        typ: "JWT",
        issuer: context.env.ISSUER,
        audience: context.env.AUDIENCE,
        requiredClaims: ["exp", "iat"],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: context.now(),
      },
    );
    return Claims.parse(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) throw refused();
    throw error;
  }
}

async function verify(context: Context<Env>, authorization: string): Promise<Actor> {
  const token = SCHEME.exec(authorization)?.[1];
  if (token === undefined || !LAST_LETTER.test(token)) throw refused();
  const claims = await check(context, token);
  const { sub: userId, email, role, sid: sessionId, aal, act } = claims;
  const actor: Actor = {
    userId,
    email,
    role,
    sessionId,
    ...(aal !== undefined && { aal }),
    ...(act !== undefined && { impersonatedBy: act.sub }),
  };
  verified.set(authorization, actor, context.now(), new Date(claims.exp * 1000));
  return actor;
}

/**
 * The actor of an access token that `auth` signed: ES256, of its type, right issuer and audience, not expired, all claims there (RFC 8725).
 * @param authorization the request's header
 * @returns at once for one that passed here lately
 * @throws AppError unauthorized; unavailable when the keys cannot be read
 */
export const verifyToken = (context: Context<Env>, authorization: string): Actor | Promise<Actor> =>
  verified.get(authorization, context.now()) ?? verify(context, authorization);
