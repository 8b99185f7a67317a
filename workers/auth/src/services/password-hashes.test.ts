import { hash as bcryptHash } from "bcryptjs";
import { scryptSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashPassword } from "./hash-password.ts";
import { formatScrypt, parseScrypt, SCRYPT, scryptBytes } from "./scrypt-hash.ts";
import { verifyPassword } from "./verify-password.ts";

const CHEAP = { ln: 4, r: 1, p: 1 };

async function cheapHash(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return formatScrypt({ ...CHEAP, salt, hash: await scryptBytes(password, salt, 32, CHEAP) });
}

/** Without U+0000, which no request may hold: HMAC fills its key up with zeros, so that one at the end changes no hash. */
const anyPassword = fc.string({ unit: "binary", maxLength: 200 }).map((text) => text.replaceAll("\0", ""));

describe("scrypt hashes in PHC form", () => {
  it("keep every part through format and parse", () => {
    const cost = fc.record({
      ln: fc.integer({ min: 1, max: 20 }),
      r: fc.integer({ min: 1, max: 32 }),
      p: fc.integer({ min: 1, max: 16 }),
    });
    const bytes = (min: number) => fc.uint8Array({ minLength: min, maxLength: 64 });
    fc.assert(
      fc.property(cost, bytes(8), bytes(16), (some, salt, hash) => {
        expect(parseScrypt(formatScrypt({ ...some, salt, hash }))).toEqual({ ...some, salt, hash });
      }),
    );
  });

  it("match their password and no other", async () => {
    await fc.assert(
      fc.asyncProperty(anyPassword, anyPassword, async (password, other) => {
        const stored = await cheapHash(password);
        expect((await verifyPassword(password, stored)).matches).toBe(true);
        const same = password.normalize("NFKC") === other.normalize("NFKC");
        expect((await verifyPassword(other, stored)).matches).toBe(same);
      }),
      { numRuns: 50 },
    );
  });

  it("are what RFC 7914 says", async () => {
    const vector = await scryptBytes("pleaseletmein", new TextEncoder().encode("SodiumChloride"), 64, {
      ln: 14,
      r: 8,
      p: 1,
    });
    expect(Buffer.from(vector).toString("hex")).toBe(
      "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
    );
  });

  it("are new ones at the cost OWASP names, each with its own salt, within 64 MB", async () => {
    const [one, two] = [await hashPassword("Correct-horse-1"), await hashPassword("Correct-horse-1")];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(128 * 2 ** SCRYPT.ln * SCRYPT.r).toBeLessThanOrEqual(64 * 1024 * 1024);
    const { salt, hash } = parseScrypt(one) ?? { salt: "", hash: null };
    expect(hash).toEqual(
      new Uint8Array(scryptSync("Correct-horse-1", salt, 32, { N: 32768, r: 8, p: 3, maxmem: 2 ** 26 })),
    );
    await expect(scryptBytes("x", new Uint8Array(16), 32, { ln: 17, r: 8, p: 1 })).rejects.toThrow();
  });

  it("are outdated when their cost is not today's", async () => {
    expect((await verifyPassword("Correct-horse-1", await cheapHash("Correct-horse-1"))).outdated).toBe(true);
    expect((await verifyPassword("Correct-horse-1", await hashPassword("Correct-horse-1"))).outdated).toBe(
      false,
    );
  });
});

describe("other stored texts", () => {
  it("bcrypt matches, and refuses what is longer than its 72 bytes", async () => {
    const long = `Aa1${"é".repeat(34)}x`;
    expect(new TextEncoder().encode(long)).toHaveLength(72);
    const stored = await bcryptHash(long, 4);
    expect(await verifyPassword(long, stored)).toEqual({ matches: true, outdated: true });
    expect((await verifyPassword(`${long}y`, stored)).matches).toBe(false);
    expect((await verifyPassword("Correct-horse-1", stored)).matches).toBe(false);
  });

  it("no account matches nothing, and any other text is an error", async () => {
    expect((await verifyPassword("", null)).matches).toBe(false);
    for (const text of ["", "plain", "$scrypt$ln=15,r=8,p=3$$", "$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA"]) {
      await expect(verifyPassword("plain", text)).rejects.toThrow("no known kind");
    }
  });
});
