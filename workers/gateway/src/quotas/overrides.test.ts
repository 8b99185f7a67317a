import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { adminOf } from "../../test/admin.ts";
import { newIsolates, type Isolate } from "../../test/isolates.ts";
import { accessToken, publish, signingKey, type SigningKey } from "../../test/tokens.ts";

let key: SigningKey;
let here: Isolate;
let there: Isolate;
let admin: Awaited<ReturnType<typeof adminOf>>;
let clock = Date.now();
const passSeconds = (seconds: number) => vi.setSystemTime((clock += seconds * 1000));
const inSeconds = (seconds: number) => new Date(clock + seconds * 1000).toISOString();

beforeAll(async () => {
  [here, there] = await newIsolates();
});
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  passSeconds(3600);
  key = await signingKey(crypto.randomUUID());
  await publish(key);
  admin = await adminOf(key, here);
});
afterEach(() => void vi.useRealTimers());

async function newCaller(role = "user") {
  const userId = crypto.randomUUID();
  const authorization = `Bearer ${await accessToken(key, { userId, role })}`;
  const call = async (isolate: Isolate) => {
    const { status, headers } = await isolate("/api/v1/users/me", { headers: { authorization } });
    return { status, policy: headers.get("ratelimit-policy") };
  };
  return { userId, call };
}
const policy = (tier: string, limit: number) => `"${tier}";q=${limit};w=60`;

describe("a quota that operators set", () => {
  it("for a person counts everywhere within 10 s, until it ends, and for nobody else", async () => {
    const [ada, bob] = [await newCaller(), await newCaller()];
    expect((await ada.call(there)).policy).toBe(policy("authenticated", 1_000));
    const answer = await admin.change({ quotas: [{ for: ada.userId, limit: 3, until: inSeconds(300) }] });
    expect(answer.status).toBe(200);
    expect((await ada.call(here)).policy).toBe(policy("authenticated", 3));
    passSeconds(10.001);
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push(await ada.call(there));
    expect(statuses.map(({ status }) => status)).toContain(429);
    expect(statuses.every((told) => told.policy === policy("authenticated", 3))).toBe(true);
    expect(await bob.call(there)).toEqual({ status: 200, policy: policy("authenticated", 1_000) });
    passSeconds(300);
    expect(await ada.call(there)).toEqual({ status: 200, policy: policy("authenticated", 1_000) });
  });

  it("for a tier counts for all of it who have none of their own", async () => {
    const [user, premium, favoured] = [await newCaller(), await newCaller("premium"), await newCaller()];
    await admin.change({
      quotas: [
        { for: "authenticated", limit: 7, until: inSeconds(300) },
        { for: favoured.userId.toUpperCase(), limit: 2_000, until: inSeconds(300) },
      ],
    });
    passSeconds(10.001);
    expect((await user.call(there)).policy).toBe(policy("authenticated", 7));
    expect((await premium.call(there)).policy).toBe(policy("premium", 5_000));
    expect((await favoured.call(there)).policy).toBe(policy("authenticated", 2_000));
  });
});
