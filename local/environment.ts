import { roleOf, SERVICES } from "@souk/db/roles";
import type { Source } from "./prices/faults.ts";
import type { LocalSecrets } from "./secrets.ts";

export interface LocalAddresses {
  neonUrl: string;
  /** Connection string of a database role. */
  databaseUrl: (role: string, password: string) => string;
  smtpPort: number;
  pricesUrl: string;
  /** The list of breached passwords; where it is left out none are looked up. */
  breachedUrl?: string;
  /** The gateway's address, as a person opens it. */
  publicUrl: string;
}

const AUDIENCE = "souk";

/** The same origin, reached by the name that every machine gives itself. */
const atLocalhost = (url: string): string => Object.assign(new URL(url), { hostname: "localhost" }).origin;

/** Variables and secrets of every Worker on this machine, by the Worker's name: what production sets, with local values. */
export function workerEnvironment(
  addresses: LocalAddresses,
  secrets: LocalSecrets,
): Record<string, Record<string, string>> {
  const { neonUrl, databaseUrl, smtpPort, pricesUrl, breachedUrl = "", publicUrl } = addresses;
  const databases = SERVICES.map((service) => {
    const url = databaseUrl(roleOf(service), secrets.databasePasswords[service]);
    return [service, { DATABASE_URL: url, NEON_ENDPOINT: neonUrl }] as const;
  });
  const tokens = { ISSUER: publicUrl, AUDIENCE };
  const source = (name: Source) => ({
    [`${name.toUpperCase()}_URL`]: `${pricesUrl}/${name}`,
    [`${name.toUpperCase()}_KEY`]: secrets.priceKeys[name],
  });
  const own: Record<string, Record<string, string>> = {
    gateway: { ...tokens, CORS_ORIGINS: publicUrl },
    auth: {
      ...tokens,
      PUBLIC_URL: publicUrl,
      JWT_KEYS: JSON.stringify(secrets.jwtKeys),
      REFRESH_KEYS: JSON.stringify(secrets.refreshKeys),
      DATA_KEYS: JSON.stringify(secrets.dataKeys),
      OPENID_SECRETS: "{}",
      // Browsers know passkeys of names alone, not of 127.0.0.1.
      PASSKEYS: JSON.stringify({ rpId: "localhost", origins: [atLocalhost(publicUrl)] }),
      CAPTCHA_URL: "",
      CAPTCHA_HOSTNAMES: "[]",
      TURNSTILE_SECRET: "",
      BREACHED_PASSWORDS_URL: breachedUrl,
      // Everybody on this machine, tests and benchmarks too, comes from one address.
      ATTEMPTS_PER_ADDRESS: "1000000",
    },
    alerts: { ...source("goldapi"), ...source("metalsdev"), ...source("metalpriceapi") },
    notifications: { ALLOWED_ORIGINS: publicUrl },
    chat: { ALLOWED_ORIGINS: publicUrl },
    email: {
      SMTP_HOST: "127.0.0.1",
      SMTP_PORT: String(smtpPort),
      SMTP_TLS: "none",
      SMTP_USER: "",
      SMTP_PASSWORD: "",
      MAIL_FROM: "Souk <no-reply@souk.localhost>",
      PUBLIC_URL: publicUrl,
    },
  };
  const names = new Set([...Object.keys(own), ...SERVICES]);
  const database = Object.fromEntries(databases);
  return Object.fromEntries(
    [...names].map((name) => [name, { OTLP_ENDPOINT: "", ...own[name], ...database[name] }]),
  );
}
