import { asOwner } from "@souk/db/operate/owner";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { testPlatform } from "../platform.ts";
import { expectProblem } from "./answers.ts";
import { call, done } from "./call.ts";
import { OPERATIONS, type Operation } from "./document.ts";
import { newWorld, soundRequests, type World } from "./sound-requests.ts";

let world: World;
let token: string;
beforeAll(async () => {
  world = await newWorld();
  token = await actAsAda();
});

/** A token by which the admin acts as Ada. */
async function actAsAda(): Promise<string> {
  const answer = await done(world.admin, "POST", `/api/v1/auth/users/${world.ada.id}/impersonations`, {
    reason: "A ticket of the contract",
  });
  return z.object({ accessToken: z.string() }).parse(answer).accessToken;
}

const LOGOUT = "logout";
const OF_AUTH = OPERATIONS.filter(({ path, id }) => path.startsWith("/api/v1/auth/") && id !== LOGOUT);
const isRead = ({ method, id }: Operation) => method === "GET" && id !== "readExport";
const named = (operations: Operation[]) => operations.map((operation) => [operation.id, operation] as const);

const ask = (operation: Operation) => {
  const { params, query, body } = soundRequests(world)[operation.id] ?? {};
  return call(operation, {
    token,
    ...(params && { params }),
    ...(query && { query }),
    ...(body && { body: JSON.stringify(body) }),
  });
};

describe("who acts as somebody", () => {
  it.each(named(OF_AUTH.filter((operation) => !isRead(operation))))("may not %s", async (_, operation) => {
    const answer = await ask(operation);
    expectProblem(operation, answer, 403);
    expect(answer.json).toMatchObject({ code: "forbidden" });
  });

  it.each(named(OF_AUTH.filter(isRead)))("may %s as the person may", async (_, operation) => {
    expect((await ask(operation)).status).toBe(operation.access === "admin" ? 403 : 200);
  });

  it("is named by what they do elsewhere, and is out at once when they log out", async () => {
    const changed = await call(
      { method: "PUT", path: "/api/v1/users/me" },
      { token, body: JSON.stringify({ displayName: "Ada by another" }) },
    );
    expect(changed.status).toBe(200);
    const { rows } = await asOwner((await testPlatform()).databaseUrl, (client) =>
      client.query(
        "SELECT impersonated_by AS by FROM events.log WHERE type = 'profile.updated' AND aggregate_id = $1 ORDER BY id DESC LIMIT 1",
        [world.ada.id],
      ),
    );
    expect(rows).toEqual([{ by: world.admin.id }]);
    const logout = { method: "POST", path: "/api/v1/auth/logout" };
    expect((await call(logout, { token })).status).toBe(204);
    expect((await call({ method: "GET", path: "/api/v1/auth/verify" }, { token })).status).toBe(401);
    expect(
      (await call({ method: "GET", path: "/api/v1/auth/verify" }, { token: world.ada.accessToken })).status,
    ).toBe(200);
  });
});
