import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { workerEnvironment } from "./environment.ts";
import { localSecrets } from "./secrets.ts";
import { readWorkerConfigs } from "./worker-configs.ts";

const dir = mkdtempSync(join(tmpdir(), "souk-secrets-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("the local secrets", () => {
  it("are made once, kept for their owner only, and grow with the services", async () => {
    const secrets = await localSecrets(dir);
    const file = join(dir, "secrets.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await localSecrets(dir)).toEqual(secrets);
    const { auth: _, ...fewer } = secrets.databasePasswords;
    writeFileSync(file, JSON.stringify({ ...secrets, databasePasswords: fewer }));
    const grown = await localSecrets(dir);
    expect(grown.databasePasswords).toEqual({
      ...secrets.databasePasswords,
      auth: grown.databasePasswords.auth,
    });
    expect(grown.databasePasswords.auth).toHaveLength(43);
  });

  it("say what to do when the file is broken", async () => {
    writeFileSync(join(dir, "secrets.json"), "{");
    await expect(localSecrets(dir)).rejects.toThrow(/secrets.json is broken. Delete it/);
    rmSync(join(dir, "secrets.json"));
  });
});

it("every Worker is given exactly what its wrangler.toml asks for", async () => {
  const environments = workerEnvironment(
    {
      neonUrl: "http://127.0.0.1:1",
      smtpPort: 2,
      pricesUrl: "http://127.0.0.1:3",
      publicUrl: "http://127.0.0.1:4",
      databaseUrl: (role, password) => `postgres://${role}:${password}@127.0.0.1:5/souk`,
    },
    await localSecrets(dir),
  );
  const workers = readWorkerConfigs(join(import.meta.dirname, ".."));
  expect(Object.keys(environments).toSorted()).toEqual(workers.map(({ name }) => name).toSorted());
  for (const { name, settings, requiredSecrets } of workers) {
    const given = Object.keys(environments[name] ?? {});
    expect(settings, name).toEqual(expect.arrayContaining(given));
    expect(given, name).toEqual(expect.arrayContaining(requiredSecrets));
    // Production's addresses must not be reached from here.
    const addresses = settings.filter((setting) => /URL|ENDPOINT|HOST|PORT|ORIGINS|ISSUER/.test(setting));
    expect(given, name).toEqual(expect.arrayContaining(addresses));
  }
});
