import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SERVICES } from "@souk/db/roles";
import { z } from "zod";
import { newSecret, newSigningKey } from "./keys.ts";
import { SOURCES } from "./prices/faults.ts";
import { StartError } from "./start-error.ts";

const secretsSchema = z.object({
  /** Password of each service's database role. */
  databasePasswords: z.record(z.enum(SERVICES), z.string()),
  /** Private ES256 keys, newest first. */
  jwtKeys: z.array(z.record(z.string(), z.unknown())).min(1),
  /** 32 bytes each in base64url, newest first. */
  refreshKeys: z.array(z.string()).min(1),
  /** 32 bytes each in base64url, newest first. */
  dataKeys: z.array(z.string()).min(1),
  /** The key that each local price source asks for. */
  priceKeys: z.record(z.enum(SOURCES), z.string()),
});

export type LocalSecrets = z.output<typeof secretsSchema>;

// A file of an earlier checkout knows fewer services and keys.
const keptSchema = secretsSchema.extend({
  databasePasswords: z.partialRecord(z.enum(SERVICES), z.string()),
  dataKeys: secretsSchema.shape.dataKeys.default(() => [newSecret()]),
});

/**
 * The secrets of a local platform: made once per data folder, kept in `<dir>/secrets.json` which only its owner can read.
 * A service that came later gets its password added.
 * @throws StartError when the file is broken
 */
export async function localSecrets(dir: string): Promise<LocalSecrets> {
  const file = join(dir, "secrets.json");
  const kept = existsSync(file) ? readSecrets(file) : undefined;
  const secrets = secretsSchema.parse({
    ...(kept ?? (await freshSecrets())),
    databasePasswords: { ...randomFor(SERVICES), ...kept?.databasePasswords },
  });
  mkdirSync(dir, { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return secrets;
}

function readSecrets(file: string) {
  try {
    return keptSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new StartError(
      `${file} is broken. Delete it, then start again; new keys are made and everybody has to log in again.`,
    );
  }
}

const freshSecrets = async () => ({
  jwtKeys: [await newSigningKey()],
  refreshKeys: [newSecret()],
  dataKeys: [newSecret()],
  priceKeys: randomFor(SOURCES),
});

function randomFor(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, newSecret()]));
}
