import { exports } from "cloudflare:workers";
import { tokens, users } from "@souk/db/schema/auth";
import { appErrorOf } from "@souk/kit/errors";
import type { AuthService } from "@souk/kit/rpc";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contextAt, owner, post, storedUser } from "../test/actions.ts";

const Entrypoints = z.looseObject({
  AuthRpc: z.custom<(options: { props: object }) => AuthService>((value) => value !== undefined),
});
const asCaller = (props: object): AuthService =>
  Entrypoints.parse({ AuthRpc: Reflect.get(exports, "AuthRpc") }).AuthRpc({ props });

async function codeOf(call: () => Promise<unknown>) {
  try {
    await call();
    return undefined;
  } catch (error) {
    return appErrorOf(error)?.code;
  }
}

const email = asCaller({ caller: "email" });

describe("contact", () => {
  it("gives names and address, or null for nobody", async () => {
    const user = await storedUser();
    const contact = { email: user.email, firstName: "Ada", lastName: "Lovelace" };
    expect(await email.contact(user.id)).toEqual(contact);
    expect(await asCaller({ caller: "users" }).contact(user.id)).toEqual(contact);
    expect(await email.contact(contextAt().newId())).toBeNull();
    const leaving = await storedUser({ status: "deleting", deleteAfter: new Date() });
    const sleeping = await storedUser({ status: "deactivated" });
    for (const { id } of [leaving, sleeping]) expect((await email.contact(id))?.asleep).toBe(true);
  });
});

describe("mintLink", () => {
  it("makes links that work, with the token in the fragment", async () => {
    const user = await storedUser({ status: "pending" });
    const link = await email.mintLink(user.id, "verify_email");
    expect(link).toMatchObject({ email: user.email, firstName: "Ada" });
    expect(link?.url).toMatch(/^https:\/\/souk\.test\/verify-email#token=[\w-]{43}$/);
    const reset = await email.mintLink(user.id, "reset_password");
    expect(reset?.url).toMatch(/^https:\/\/souk\.test\/reset-password#token=[\w-]{43}$/);
    expect((await post("verify-email", { token: link?.url.split("=")[1] })).status).toBe(200);
    expect(await email.mintLink(user.id, "verify_email")).toBeNull();
    expect(await email.mintLink(contextAt().newId(), "reset_password")).toBeNull();
  });

  it("takes the person's expired tokens away", async () => {
    const user = await storedUser();
    await email.mintLink(user.id, "reset_password");
    await owner
      .update(tokens)
      .set({ createdAt: new Date(0), expiresAt: new Date(1) })
      .where(eq(tokens.userId, user.id));
    await email.mintLink(user.id, "reset_password");
    expect(await owner.select().from(tokens).where(eq(tokens.userId, user.id))).toHaveLength(1);
  });
});

describe("who may call", () => {
  it.each([{ caller: "users" }, { caller: "gateway" }, { caller: "" }, {}])(
    "%j mints no link",
    async (props) => {
      const user = await storedUser();
      expect(await codeOf(() => asCaller(props).mintLink(user.id, "reset_password"))).toBe("forbidden");
      expect(await owner.select().from(tokens).where(eq(tokens.userId, user.id))).toEqual([]);
    },
  );

  it.each([{ caller: "gateway" }, { caller: "notifications" }, {}])("%j reads no address", async (props) => {
    const user = await storedUser();
    expect(await codeOf(() => asCaller(props).contact(user.id))).toBe("forbidden");
  });
});

describe("what only some may call", () => {
  it.each([{ caller: "users" }, { caller: "gateway" }, {}])("%j reads no former address", async (props) => {
    const user = await storedUser();
    expect(await codeOf(() => asCaller(props).formerContact(user.id))).toBe("forbidden");
  });

  it.each([{ caller: "gateway" }, { caller: "events" }, {}])("%j stores no part of a copy", async (props) => {
    const copy = { userId: contextAt().newId(), exportId: contextAt().newId() };
    expect(await codeOf(() => asCaller(props).storeExport(copy, []))).toBe("forbidden");
  });
});

describe("revokedSessions", () => {
  it("is for the gateway alone", async () => {
    expect(await asCaller({ caller: "gateway" }).revokedSessions()).toEqual([]);
    for (const props of [{ caller: "email" }, { caller: "users" }, {}])
      expect(await codeOf(() => asCaller(props).revokedSessions())).toBe("forbidden");
  });
});

describe("barred", () => {
  it("names who is banned or has no account, for chat alone", async () => {
    const [free, banned, freed] = [await storedUser(), await storedUser(), await storedUser()];
    const ban = { bannedAt: new Date(0), banReason: "Spam" };
    await owner.update(users).set(ban).where(eq(users.id, banned.id));
    await owner
      .update(users)
      .set({ ...ban, banExpiresAt: new Date(1) })
      .where(eq(users.id, freed.id));
    const nobody = crypto.randomUUID();
    const asked = [free.id, banned.id, freed.id, nobody];
    expect(await asCaller({ caller: "chat" }).barred(asked)).toEqual([banned.id, nobody]);
    for (const props of [{ caller: "gateway" }, { caller: "users" }, {}])
      expect(await codeOf(() => asCaller(props).barred(asked))).toBe("forbidden");
  });
});
