import { users } from "@souk/db/schema/auth";
import { hash } from "bcryptjs";
import { eq, inArray } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import {
  contextAt,
  eventsOf,
  login,
  newAddress,
  owner,
  PASSWORD,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { ImportedAccount } from "../schemas.ts";
import { importAccounts } from "./import-accounts.ts";

const passwordHash = await hash(PASSWORD, 4);
const account = (values: object = {}): ImportedAccount =>
  ImportedAccount.parse({
    email: newAddress(),
    passwordHash,
    firstName: "Grace",
    lastName: "Hopper",
    verified: true,
    ...values,
  });
const stored = async (email: string) => (await owner.select().from(users).where(eq(users.email, email)))[0];

describe("importAccounts", () => {
  it("stores accounts that can log in with the password that they had (S1-AUTH-26)", async () => {
    const createdAt = "2019-05-01T10:00:00Z";
    const one = account({ createdAt, passwordHash: passwordHash.replace(/^\$2[ab]/, "$2y") });
    expect(await importAccounts(contextAt(), [one])).toEqual({ imported: 1 });
    const row = await stored(one.email);
    expect(row).toMatchObject({ status: "active", role: "user", createdAt: new Date(createdAt) });
    expect(await eventsOf(row?.id ?? "")).toEqual(["user.imported"]);
    expect((await login(one.email)).status).toBe(200);
    expect((await stored(one.email))?.passwordHash).toMatch(/^\$scrypt\$/);
  });

  it("leaves what is there, and the second of two alike, as they are", async () => {
    const { email, id } = await storedUser();
    const twice = account();
    const batch = [account({ email }), twice, { ...twice, firstName: "Other" }];
    expect(await importAccounts(contextAt(), batch)).toEqual({ imported: 1 });
    expect(await importAccounts(contextAt(), batch)).toEqual({ imported: 0 });
    expect((await stored(email))?.id).toBe(id);
    expect((await stored(twice.email))?.firstName).toBe("Grace");
  });

  it("an address that was not verified stays pending", async () => {
    const one = account({ verified: false });
    await importAccounts(contextAt(), [one]);
    expect(await stored(one.email)).toMatchObject({ status: "pending", verifiedAt: null });
    expect((await login(one.email)).status).toBe(403);
  });

  it("twenty at once store each account once", async () => {
    const batch = Array.from({ length: 50 }, () => account());
    const results = await twenty((n) =>
      importAccounts(contextAt(), n % 2 === 0 ? batch : batch.toReversed()),
    );
    expect(results.reduce((sum, { imported }) => sum + imported, 0)).toBe(50);
    const emails = batch.map(({ email }) => email);
    expect(await owner.select().from(users).where(inArray(users.email, emails))).toHaveLength(50);
  });
});

describe("an account to import", () => {
  it.each([
    ["plain text", { passwordHash: "secret" }],
    ["a hash that costs too much", { passwordHash: passwordHash.replace("$04$", "$15$") }],
    ["a hash that is cut off", { passwordHash: passwordHash.slice(0, -1) }],
    ["no address", { email: "nobody" }],
    ["a name of two lines", { firstName: "Grace\r\nBcc: x" }],
    ["a time without offset", { createdAt: "2019-05-01 10:00" }],
    ["a time that the database has not", { createdAt: "0000-01-01T00:00:00Z" }],
    ["what is neither yes nor no", { verified: "maybe" }],
  ])("is refused with %s", (_what, values) => {
    expect(() => account(values)).toThrow();
  });
});
