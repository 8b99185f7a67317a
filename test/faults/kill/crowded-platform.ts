import { join } from "node:path";
import { inject } from "vitest";
import { freePort } from "../../../local/free-port.ts";
import { type Platform, startPlatform } from "../../../local/platform.ts";
import { localSecrets } from "../../../local/secrets.ts";
import { type Member, newCrowd } from "./crowd.ts";

/** A platform of its own with a crowd of members, to be killed and started again. */
export interface CrowdedPlatform {
  /** Folder of all its data. */
  dir: string;
  crowd: Member[];
  /** As it was started last. */
  readonly platform: Platform;
  restart: () => Promise<void>;
  stop: () => Promise<void>;
  /** A member's request, by a path from `/api/v1` on. */
  call: (
    member: Member,
    method: string,
    path: string,
    body?: object,
  ) => Promise<{ status: number; json: unknown }>;
}

export async function startCrowded(size: number): Promise<CrowdedPlatform> {
  const dir = join(inject("scratch"), crypto.randomUUID());
  const apiPort = await freePort();
  const start = () => startPlatform({ dir, ports: { api: apiPort }, startMonth: "2008-01" });
  let platform = await start();
  const [jwtKey] = (await localSecrets(dir)).jwtKeys;
  if (jwtKey === undefined) throw new Error("a signing key was expected");
  const { databaseUrl, apiUrl } = platform;
  const crowd = await newCrowd(size, { databaseUrl, apiUrl, jwtKey });
  return {
    dir,
    crowd,
    get platform() {
      return platform;
    },
    async restart() {
      await platform.stop();
      platform = await start();
    },
    stop: () => platform.stop(),
    async call(member, method, path, body) {
      const response = await fetch(`${apiUrl}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${member.token}`, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(20_000),
      });
      return { status: response.status, json: await response.json() };
    },
  };
}
