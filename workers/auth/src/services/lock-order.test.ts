import { exports } from "cloudflare:workers";
import { users } from "@souk/db/schema/auth";
import { sql } from "drizzle-orm";
import { createHash } from "node:crypto";
import { expect, it, vi } from "vitest";
import { actorHeader, headerOf, linkToken, PASSWORD, post, storedUser } from "../../test/actions.ts";
import { flowOf, mailedTo } from "../../test/mail-sign-ins.ts";
import { inTransaction, untilBlocked } from "../../test/races.ts";
import {
  addedPasskey,
  askPasskeys,
  asserted,
  begunSignIn,
  passkeyRows,
  switchPasskeysOn,
} from "../../test/passkeys.ts";
import { ask, challengeOf, codeOf, freshCodes, protectedUser } from "../../test/second-factor.ts";
import { TokensWithDevice } from "../second-factor-schemas.ts";
import { Tokens } from "../session-schemas.ts";

/** Passwords cost nothing here: it is the database that is to be busy. */
vi.mock("./scrypt-hash.ts", async (original) => ({
  ...(await original<typeof import("./scrypt-hash.ts")>()),
  scryptBytes: (password: string, salt: Uint8Array, bytes: number) =>
    Promise.resolve(createHash("sha512").update(salt).update(password).digest().subarray(0, bytes)),
}));

const ROUNDS = 12;

switchPasskeysOn();

const anywhere = () => ({
  "cf-connecting-ip": `2001:db8:${Math.random().toString(16).slice(2, 6)}:${Math.random().toString(16).slice(2, 6)}::1`,
});
const send = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  post(path, body, { ...anywhere(), ...headers });

/** Begins everything while the account's row is locked by another, until some wait for it, and lets them go on together. */
async function together(userId: string, waiting: number, works: (() => Promise<Response>)[]) {
  const answers: Promise<Response>[] = [];
  await inTransaction(async (transaction) => {
    await transaction.execute(sql`SELECT FROM ${users} WHERE id = ${userId}::uuid FOR UPDATE`);
    answers.push(...works.map((work) => work()));
    await untilBlocked(waiting);
  });
  return (await Promise.all(answers)).map(({ status }) => status);
}

const times = <T>(count: number, work: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => work(n));

it(
  "log-ins on trusted devices, sign-ins by mail, second factors, steps up, new recovery codes and the factor's removal wait for each other in one order",
  { timeout: 120_000 },
  async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id, email, headers, recoveryCodes } = await protectedUser();
      const devices: string[] = [];
      let lifted = headers;
      for (const _ of times(2, (n) => n)) {
        const answer = await send("login/second-factor", {
          challenge: await challengeOf(email),
          code: await codeOf(id),
          trustDevice: true,
        });
        const { deviceToken = "", accessToken } = TokensWithDevice.parse(await answer.json());
        devices.push(deviceToken);
        lifted = actorHeader(accessToken);
        await freshCodes(id);
      }
      const challenges = await Promise.all(times(6, () => challengeOf(email)));
      const code = await codeOf(id);
      const flows = await Promise.all(times(6, () => flowOf(email)));
      const mailed = await mailedTo(id);
      const statuses = await together(id, 3, [
        ...times(
          6,
          (n) => () =>
            send("mail-sign-ins/sessions", {
              flow: flows[n],
              code: mailed.code,
              deviceToken: devices[n % 3],
            }),
        ),
        ...times(2, () => () => send("mail-sign-ins", { email })),
        ...times(4, (n) => () => send("login", { email, password: PASSWORD, deviceToken: devices[n % 2] })),
        ...times(4, () => () => send("login", { email, password: PASSWORD })),
        ...times(3, (n) => () => send("login/second-factor", { challenge: challenges[n], code })),
        ...times(
          3,
          (n) => () =>
            send("login/second-factor", {
              challenge: challenges[n + 3],
              code: recoveryCodes[n],
              trustDevice: true,
            }),
        ),
        ...times(2, () => () => send("step-up", { code }, lifted)),
        ...times(1, () => () => send("second-factor/recovery-codes", {}, lifted)),
        ...times(3, () => () => ask("DELETE", "second-factor", { ...anywhere(), ...lifted })),
      ]);
      expect(statuses.filter((status) => status >= 500)).toEqual([]);
      expect(statuses.slice(-3)).toEqual([204, 204, 204]);
    }
  },
);

it(
  "a factor's first code waits for a ban and a new password, and they for it, in one order",
  { timeout: 120_000 },
  async () => {
    const admin = await storedUser({ role: "admin" });
    for (let round = 0; round < ROUNDS; round++) {
      const { id, email } = await storedUser();
      const headers = actorHeader(
        Tokens.parse(await (await send("login", { email, password: PASSWORD })).json()).accessToken,
      );
      await send("second-factor", { password: PASSWORD }, headers);
      const [code, token] = [await codeOf(id), await linkToken(id, "reset_password")];
      const ban = () =>
        exports.default.fetch(`https://souk.test/api/v1/auth/users/${id}/ban`, {
          method: "PUT",
          headers: {
            "content-type": "application/json",
            ...anywhere(),
            ...headerOf(admin, crypto.randomUUID(), "admin"),
          },
          body: JSON.stringify({ reason: "Spam" }),
        });
      const statuses = await together(id, 3, [
        ...times(8, () => () => send("second-factor/confirm", { code }, headers)),
        ...times(2, () => ban),
        () => send("reset-password", { token, password: "Better-horse-2" }),
        ...times(5, () => () => send("login", { email, password: PASSWORD })),
        ...times(4, () => () => ask("DELETE", "sessions?keep=current", { ...anywhere(), ...headers })),
      ]);
      expect(statuses.filter((status) => status >= 500)).toEqual([]);
      expect(statuses.slice(8, 10)).toEqual([200, 200]);
    }
  },
);

it(
  "sign-ins with passkeys, their removal and log-ins wait for each other in one order",
  { timeout: 120_000 },
  async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id, email } = await storedUser();
      const log = async () => Tokens.parse(await (await send("login", { email, password: PASSWORD })).json());
      const headers = actorHeader((await log()).accessToken);
      const held = [await addedPasskey(headers), await addedPasskey(headers)];
      const rows = await passkeyRows(id);
      const answers = [];
      for (const passkey of [...held, ...held, ...held, ...held])
        answers.push(await asserted(passkey, await begunSignIn()));
      const statuses = await together(id, 3, [
        ...answers.map((credential) => () => send("passkey-sessions", { credential })),
        ...times(4, () => () => send("login", { email, password: PASSWORD })),
        ...rows.map((row) => () => askPasskeys("DELETE", { ...anywhere(), ...headers }, row.id)),
      ]);
      expect(statuses.filter((status) => status >= 500)).toEqual([]);
      expect(statuses.slice(-2)).toEqual([204, 204]);
    }
  },
);
