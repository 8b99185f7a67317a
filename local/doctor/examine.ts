import { z } from "zod";
import { PricesStatus } from "../../workers/alerts/src/schemas.ts";
import { EmailPage } from "../../workers/email/src/schemas.ts";
import { EventsStatus } from "../../workers/events/src/schemas.ts";
import { Readiness } from "../../workers/gateway/src/schemas.ts";
import { Api } from "./api.ts";
import { examineDatabase } from "./database.ts";
import { type Finding, ill, unknown, well } from "./finding.ts";
import { judgeClock, judgeEvents, judgeMail, judgePrices, judgeReadiness } from "./judge.ts";

interface Patient {
  /** The API's address. */
  url: string;
  /** An admin's; without it only what everybody may see is examined. */
  admin: { email: string; password: string } | null;
  /** Connection string of the database's owner; without it the schema is not examined. */
  databaseUrl: string | null;
  /** Whether prices are a replay of the past, as on a development machine. */
  replayed: boolean;
}

const Health = z.object({ timestamp: z.iso.datetime(), version: z.string() });
const KeySet = z.object({ keys: z.array(z.object({ kid: z.string() })) });
const Login = z.object({ accessToken: z.string() });

/** What a look finds, or that it could not be taken. */
async function look(part: string, take: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await take();
  } catch (error) {
    return [ill(part, error instanceof Error ? error.message : String(error))];
  }
}

async function examineInside(api: Api, replayed: boolean): Promise<Finding[]> {
  const now = new Date();
  const looks = [
    look("Workers", async () => judgeReadiness(await api.get("/api/v1/admin/readiness", Readiness))),
    look("event log", async () => judgeEvents(await api.get("/api/v1/events/status", EventsStatus), now)),
    look("prices", async () =>
      judgePrices(await api.get("/api/v1/prices/status", PricesStatus), replayed ? null : now),
    ),
    look("mail", async () => [
      judgeMail(
        await api.get("/api/v1/emails?status=claimed&limit=100", EmailPage),
        await api.get("/api/v1/emails?status=failed&limit=100", EmailPage),
        now,
      ),
    ]),
  ];
  return (await Promise.all(looks)).flat();
}

/**
 * Examines a running platform from outside, as an operator could by hand. It changes nothing but a session, which it ends.
 * @returns what it found about each part; it throws nothing that concerns the platform
 */
export async function examine({ url, admin, databaseUrl, replayed }: Patient): Promise<Finding[]> {
  const api = new Api(url);
  const database =
    databaseUrl === null
      ? [unknown("migrations", "set OWNER_DATABASE_URL to have them compared")]
      : await examineDatabase(databaseUrl);
  try {
    const before = Date.now();
    const { timestamp, version } = await api.get("/health", Health);
    const away = Date.parse(timestamp) - (before + Date.now()) / 2;
    const outside = [well("API", `answers at ${url}, version ${version}`), judgeClock("API's clock", away)];
    const keys = await look("signing keys", async () => {
      const { keys: published } = await api.get("/.well-known/jwks.json", KeySet);
      return published.length > 0
        ? [well("signing keys", `${published.length} published`)]
        : [ill("signing keys", "none is published: is JWT_KEYS of `auth` set?")];
    });
    if (admin === null) {
      const inside = unknown("inside", "set SOUK_ADMIN_EMAIL and SOUK_ADMIN_PASSWORD to an admin's");
      return [...outside, ...keys, inside, ...database];
    }
    const inside = await look("log-in", async () => {
      const { accessToken } = await api.post("/api/v1/auth/login", admin, 200, Login);
      api.authenticate(accessToken);
      const found = await examineInside(api, replayed);
      const ended = await look("log-out", async () => {
        await api.post("/api/v1/auth/logout", undefined, 204, z.undefined());
        return [];
      });
      return [...found, ...ended];
    });
    return [...outside, ...keys, ...inside, ...database];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [ill("API", `does not answer at ${url}: ${reason}`), ...database];
  }
}
