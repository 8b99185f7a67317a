import { join } from "node:path";
import { migrate } from "@souk/db/operate/migrate";
import { asOwner } from "@souk/db/operate/owner";
import { SERVICES } from "@souk/db/roles";
import { decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { workerEnvironment } from "../../local/environment.ts";
import { startNeon, type Neon } from "../../local/neon.ts";
import { carelessFlags, type Postgres, startPostgres } from "../../local/postgres.ts";
import { newPerson, type Person } from "../person.ts";
import { startWorkers, testPlatform, type TestPlatform } from "../platform.ts";
import { rememberedSecrets } from "../remembered-secrets.ts";
import { runCommand } from "./run-command.ts";

const Tokens = z.object({ accessToken: z.string(), refreshToken: z.string() });
const KeyLines = z.tuple([
  z.string().startsWith("JWT_KEYS "),
  z.string().startsWith("REFRESH_KEYS "),
  z.string().startsWith("DATA_KEYS "),
]);

let platform: TestPlatform;
let person: Person;

beforeAll(async () => {
  platform = await testPlatform();
  person = await newPerson();
});

async function post(url: URL, path: string, body: unknown, token?: string) {
  const response = await fetch(new URL(path, url), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  const json: unknown = await response.json();
  const tokens = Tokens.safeParse(json).data;
  for (const secret of Object.values(tokens ?? {})) rememberedSecrets.add(secret);
  return { status: response.status, tokens };
}

const logIn = async (url: URL) =>
  Tokens.parse(
    (await post(url, "/api/v1/auth/login", { email: person.email, password: person.password })).tokens,
  );
const listed = async (url: URL, token: string) =>
  (await fetch(new URL("/api/v1/alerts", url), { headers: { authorization: `Bearer ${token}` } })).status;
const keyOf = ({ accessToken }: z.infer<typeof Tokens>) => decodeProtectedHeader(accessToken).kid;

/** The first key of each kind that `npm run keys` prints. */
async function newKeys() {
  const { output } = await runCommand("local/keys.ts", [], {});
  const [jwt, refresh] = KeyLines.parse(output.trim().split("\n"));
  const [jwtKey] = z
    .tuple([z.record(z.string(), z.unknown())])
    .parse(JSON.parse(jwt.slice("JWT_KEYS ".length)));
  const [refreshKey] = z.tuple([z.string()]).parse(JSON.parse(refresh.slice("REFRESH_KEYS ".length)));
  rememberedSecrets.add(refreshKey).add(String(jwtKey["d"]));
  return { jwtKey, refreshKey };
}

/** Deploys the platform anew with these keys, does the work, and ends it. */
async function deployed<T>(
  keys: Pick<TestPlatform["secrets"], "jwtKeys" | "refreshKeys">,
  work: (url: URL) => Promise<T>,
): Promise<T> {
  const environment = workerEnvironment(
    {
      neonUrl: platform.neon.url,
      databaseUrl: (username, password) =>
        Object.assign(new URL(platform.databaseUrl), { username, password }).href,
      smtpPort: platform.mail.smtpPort,
      pricesUrl: platform.prices.url,
      publicUrl: "http://souk.test",
    },
    { ...platform.secrets, ...keys },
  );
  const { harness, url } = await startWorkers(environment);
  try {
    return await work(url);
  } finally {
    await harness.close();
  }
}

describe("the runbook of signing keys", () => {
  it(
    "logs nobody out: at each step the tokens of the step before are good",
    { timeout: 120_000 },
    async () => {
      const { jwtKeys, refreshKeys } = platform.secrets;
      const { jwtKey, refreshKey } = await newKeys();
      const before = await logIn(new URL(platform.url));

      // 1. The new keys are known: published, and accepted, while the old ones still sign.
      const known = await deployed(
        { jwtKeys: [...jwtKeys, jwtKey], refreshKeys: [...refreshKeys, refreshKey] },
        async (url) => {
          const keySet = await (await fetch(new URL("/.well-known/jwks.json", url))).text();
          expect(keySet).toContain(String(jwtKey["kid"]));
          const tokens = await logIn(url);
          expect(keyOf(tokens)).toBe(keyOf(before));
          return tokens;
        },
      );

      // 2. The new keys sign; tokens of the old ones are good.
      const signed = await deployed(
        { jwtKeys: [jwtKey, ...jwtKeys], refreshKeys: [refreshKey, ...refreshKeys] },
        async (url) => {
          expect(await listed(url, known.accessToken)).toBe(200);
          const { tokens } = await post(url, "/api/v1/auth/refresh", { refreshToken: known.refreshToken });
          expect(keyOf(Tokens.parse(tokens))).toBe(jwtKey["kid"]);
          return Tokens.parse(tokens);
        },
      );

      // 3. The old keys are gone, and with them what they signed.
      await deployed({ jwtKeys: [jwtKey], refreshKeys: [refreshKey] }, async (url) => {
        expect(await listed(url, signed.accessToken)).toBe(200);
        expect(await listed(url, before.accessToken)).toBe(401);
        const { refreshToken } = signed;
        expect((await post(url, "/api/v1/auth/refresh", { refreshToken })).status).toBe(200);
        const old = { refreshToken: before.refreshToken };
        expect((await post(url, "/api/v1/auth/refresh", old)).status).toBe(401);
      });
    },
  );
});

describe("the runbook of database passwords", () => {
  let postgres: Postgres;
  let neon: Neon;
  let ownerUrl: string;

  /** Roles belong to a whole server, so this one is its own. */
  beforeAll(async () => {
    const dir = join(inject("scratch"), `passwords-${crypto.randomUUID()}`);
    postgres = await startPostgres({ dir, flags: carelessFlags });
    await postgres.createDatabase("souk");
    ownerUrl = postgres.url("souk");
    await migrate(ownerUrl);
    neon = await startNeon({ pgPort: postgres.port });
  });
  afterAll(async () => {
    await neon.close();
    await postgres.stop();
  });

  const endOld = (...services: string[]) =>
    runCommand("packages/db/cli.ts", ["end-passwords", ...services], { OWNER_DATABASE_URL: ownerUrl });

  /** What `npm run db:passwords` prints, by service. */
  async function renew(...services: string[]): Promise<Map<string, string>> {
    const { code, output } = await runCommand("packages/db/cli.ts", ["passwords", ...services], {
      OWNER_DATABASE_URL: ownerUrl,
    });
    expect(code).toBe(0);
    const urls = [...output.matchAll(/^(\w+) (postgres:\S+)$/gm)].map(
      ([, service = "", url = ""]) => [service, url] as const,
    );
    for (const [, url] of urls) rememberedSecrets.add(new URL(url).password);
    return new Map(urls);
  }

  const opens = (url: string): Promise<boolean> =>
    asOwner(url, async () => true).catch((error: unknown) => {
      expect(error).toMatchObject({ code: "28P01" });
      return false;
    });

  it("the one before stays good until it is ended, so that a Worker is never without; then it is refused", async () => {
    expect((await endOld("users")).errors).toContain("was never renewed");
    const first = await renew();
    expect([...first.keys()].toSorted()).toEqual([...SERVICES].toSorted());
    const second = await renew("auth");
    expect([...second.keys()]).toEqual(["auth"]);
    const settings = (url: string | undefined) =>
      asOwner(url ?? "", async (client) => (await client.query("SHOW statement_timeout")).rows);
    expect(await settings(second.get("auth"))).toEqual(await settings(first.get("auth")));
    expect((await endOld("auth")).code).toBe(0);
    expect(await opens(first.get("auth") ?? "")).toBe(false);
    expect(await opens(second.get("auth") ?? "")).toBe(true);
    expect(await opens(first.get("users") ?? "")).toBe(true);

    const passwords = new Map([...first, ...second]);
    const start = (urls: Map<string, string>) =>
      startWorkers(
        workerEnvironment(
          {
            neonUrl: neon.url,
            databaseUrl: (role) => urls.get(role.replace("svc_", "")) ?? "",
            smtpPort: platform.mail.smtpPort,
            pricesUrl: platform.prices.url,
            publicUrl: "http://souk.test",
          },
          platform.secrets,
        ),
      );
    const account = (email: string) => ({
      email,
      password: "Passw0rd-of-a-test",
      firstName: "Ada",
      lastName: "Lovelace",
    });
    const stale = await start(first);
    const refused = await post(
      stale.url,
      "/api/v1/auth/register",
      account(`${crypto.randomUUID()}@example.com`),
    );
    await stale.harness.close();
    expect(refused.status).toBe(500);
    const renewed = await start(passwords);
    const taken = await post(
      renewed.url,
      "/api/v1/auth/register",
      account(`${crypto.randomUUID()}@example.com`),
    );
    await renewed.harness.close();
    expect(taken.status).toBe(201);

    const third = await renew("auth");
    expect(await opens(second.get("auth") ?? "")).toBe(true);
    expect((await endOld("auth")).code).toBe(0);
    expect(await opens(second.get("auth") ?? "")).toBe(false);
    expect(await opens(third.get("auth") ?? "")).toBe(true);
  });
});
