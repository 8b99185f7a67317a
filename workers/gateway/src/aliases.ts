/**
 * Every path of the source designs (ids of their lines in the comments) and the canonical path that it stands for.
 * A row that ends in `/*` also holds for the bare prefix and for everything below it; the first row that fits wins.
 */
export const ALIASES = [
  // S2-AUTH-04
  ["/api/validate", "/api/v1/auth/verify"],
  ["/auth/validate", "/api/v1/auth/verify"],
  // S2-GW-07, S2-AUTH-01/02, S4-AUTH-01..05
  ["/auth/*", "/api/v1/auth/*"],
  // S3-GW-19, S4-GW-10
  ["/api/auth/*", "/api/v1/auth/*"],
  // S4-USER-10..14, also below the gateway's own prefix S4-GW-11
  ["/users/search", "/api/v1/users/search"],
  ["/users/profile", "/api/v1/users/me"],
  ["/users/profile/*", "/api/v1/users/*"],
  ["/users/follow/*", "/api/v1/users/me/following/*"],
  ["/api/users/profile", "/api/v1/users/me"],
  ["/api/users/profile/*", "/api/v1/users/*"],
  ["/api/users/follow/*", "/api/v1/users/me/following/*"],
  // S2-GW-08
  ["/user/*", "/api/v1/users/*"],
  // S3-GW-20, S4-GW-11
  ["/api/users/*", "/api/v1/users/*"],
  // S2-GW-09
  ["/price/*", "/api/v1/prices/*"],
  // S2-GW-10, S2-ALERT-03
  ["/alert/*", "/api/v1/alerts/*"],
  // S2-GW-11
  ["/email/*", "/api/v1/emails/*"],
  // S2-GW-12
  ["/notification/*", "/api/v1/notifications/*"],
  // S4-NOTIF-19
  ["/notifications/*", "/api/v1/notifications/*"],
] as const satisfies readonly (readonly [from: string, to: string])[];
