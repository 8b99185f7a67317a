import type { AppTypes } from "@souk/kit/request-context";
import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { Env } from "../env.ts";

/**
 * Secure headers (S3-GW-17). An answer of the API is never a document: it may load nothing and stand in no frame. A page sets its own policy.
 * Those that only browsers and plugins of the past read are left out.
 */
export const browserSafety: MiddlewareHandler<AppTypes<Env>> = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  xFrameOptions: "DENY",
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
  removePoweredBy: false,
  overwrite: false,
});
