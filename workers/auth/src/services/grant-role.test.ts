import { users } from "@souk/db/schema/auth";
import { log } from "@souk/db/schema/events";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { contextAt, newAddress, owner, storedUser } from "../../test/actions.ts";
import { grantRole } from "./grant-role.ts";

describe("grantRole", () => {
  it("changes the role and leaves an audit event", async () => {
    const { id, email } = await storedUser();
    const input = { email: ` ${email.toUpperCase()}`, role: "admin" as const, grantedBy: "operator" };
    expect(await grantRole(contextAt(), input)).toEqual({ userId: id });
    expect(await owner.select().from(users).where(eq(users.id, id))).toMatchObject([{ role: "admin" }]);
    const [event] = await owner.select().from(log).where(eq(log.aggregateId, id));
    expect(event).toMatchObject({
      type: "role.granted",
      data: { userId: id, role: "admin", grantedBy: "operator" },
    });
  });

  it("knows no such address", async () => {
    const input = { email: newAddress(), role: "admin" as const, grantedBy: "operator" };
    await expect(grantRole(contextAt(), input)).rejects.toMatchObject({ code: "not_found" });
  });
});
