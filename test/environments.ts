import { exportJWK, generateKeyPair } from "jose";
import { roleOf, SERVICES } from "@souk/db/roles";

const PLACE = { VERSION: "0.1.0", LOG_LEVEL: "warn" };
const ISSUER = { ISSUER: "https://souk.test", AUDIENCE: "souk", PUBLIC_URL: "https://souk.test" };

async function signingKey(kid: string) {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, alg: "ES256" };
}

/** The environment of each Worker in its own tests. DATABASE_URL names the role; test/worker-database.ts adds the file's database. */
export async function testEnvironments(
  neon: string,
  postgresPort: number,
): Promise<Record<string, Record<string, string>>> {
  const database = (service: (typeof SERVICES)[number]) => ({
    ...PLACE,
    NEON_ENDPOINT: neon,
    DATABASE_URL: `postgres://${roleOf(service)}:${service}@127.0.0.1:${postgresPort}/`,
  });
  return {
    gateway: { ...PLACE, ...ISSUER, CORS_ORIGINS: "https://app.souk.test" },
    auth: {
      ...database("auth"),
      ...ISSUER,
      JWT_KEYS: JSON.stringify([await signingKey("new"), await signingKey("old")]),
      REFRESH_KEYS: JSON.stringify([
        Buffer.alloc(32, 1).toString("base64url"),
        Buffer.alloc(32, 2).toString("base64url"),
      ]),
      DATA_KEYS: JSON.stringify([
        Buffer.alloc(32, 3).toString("base64url"),
        Buffer.alloc(32, 4).toString("base64url"),
      ]),
      OPENID_SECRETS: "{}",
      CAPTCHA_URL: "",
      TURNSTILE_SECRET: "",
      BREACHED_PASSWORDS_URL: "",
      ATTEMPTS_PER_ADDRESS: "100",
    },
    users: database("users"),
    alerts: {
      ...database("alerts"),
      GOLDAPI_URL: "http://127.0.0.1:1/goldapi",
      GOLDAPI_KEY: "test",
      METALSDEV_URL: "http://127.0.0.1:1/metalsdev",
      METALSDEV_KEY: "test",
      METALPRICEAPI_URL: "http://127.0.0.1:1/metalpriceapi",
      METALPRICEAPI_KEY: "test",
    },
    notifications: database("notifications"),
    email: {
      ...database("email"),
      PUBLIC_URL: ISSUER.PUBLIC_URL,
      SMTP_HOST: "127.0.0.1",
      SMTP_PORT: "1",
      SMTP_TLS: "none",
      SMTP_USER: "",
      SMTP_PASSWORD: "",
      MAIL_FROM: "Souk <no-reply@souk.test>",
    },
    events: database("events"),
    chat: database("chat"),
  };
}
