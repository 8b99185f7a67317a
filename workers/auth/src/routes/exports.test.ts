import { exports } from "cloudflare:workers";
import { exportParts, exports as copies } from "@souk/db/schema/auth-account-life";
import { HOLDERS } from "@souk/kit/personal-data";
import { eq } from "drizzle-orm";
import { expect, it } from "vitest";
import {
  actorHeader,
  contextAt,
  eventsOf,
  loggedIn,
  owner,
  PASSWORD,
  post,
  problemOf,
  storedUser,
  twenty,
} from "../../test/actions.ts";
import { callAs, cheapenPassword, DAY_MS } from "../../test/life.ts";
import { PersonExport } from "../account-life-schemas.ts";
import { dropExpiredExports } from "../services/drop-expired-exports.ts";
import { storeExport } from "../services/store-export.ts";

const ask = (accessToken: string, password = PASSWORD) => callAs(accessToken, "POST", "export", { password });

const fetchCopy = (accessToken: string): Promise<Response> =>
  exports.default.fetch("https://souk.test/api/v1/auth/export", { headers: actorHeader(accessToken) });

const copyOf = async (accessToken: string) => PersonExport.parse(await (await fetchCopy(accessToken)).json());

async function asking() {
  const { id: userId, email } = await storedUser();
  const { accessToken } = await loggedIn(email);
  expect((await ask(accessToken)).status).toBe(202);
  const [copy] = await owner.select().from(copies).where(eq(copies.userId, userId));
  if (copy === undefined) throw new Error("no copy was asked for");
  return { userId, email, accessToken, exportId: copy.id };
}

it("is ready when every service has given its part, however often, and is for its owner alone", async () => {
  const { userId, email, accessToken, exportId } = await asking();
  expect(await copyOf(accessToken)).toMatchObject({ status: "preparing", data: null });
  for (const service of HOLDERS) {
    expect((await copyOf(accessToken)).status).toBe("preparing");
    await storeExport(contextAt(), service, { userId, exportId }, { rows: [{ old: true }] });
    await storeExport(contextAt(), service, { userId, exportId }, { rows: [{ of: service }] });
  }
  const { status, data } = await copyOf(accessToken);
  expect(status).toBe("ready");
  expect(data).toMatchObject({
    auth: { users: [{ id: userId, email }], sessions: [{}] },
    ...Object.fromEntries(HOLDERS.map((service) => [service, { rows: [{ of: service }] }])),
  });
  expect(JSON.stringify(data)).not.toContain("$scrypt$");
  const other = await loggedIn((await storedUser()).email);
  expect((await fetchCopy(other.accessToken)).status).toBe(404);
  await post("logout", {}, actorHeader(accessToken));
  expect((await fetchCopy(accessToken)).status).toBe(401);
});

it("takes no part of an earlier copy, nor one that names the wrong person", async () => {
  const [one, other] = [await asking(), await asking()];
  for (const service of HOLDERS) {
    await storeExport(contextAt(), service, { userId: one.userId, exportId: other.exportId }, {});
    await storeExport(contextAt(), service, { userId: one.userId, exportId: one.userId }, {});
  }
  expect(await owner.$count(exportParts, eq(exportParts.userId, one.userId))).toBe(0);
  expect(await copyOf(one.accessToken)).toMatchObject({ status: "preparing" });
});

it("can be asked for once a day, by password, also by twenty at once", async () => {
  const { id: userId, email } = await storedUser();
  const { accessToken } = await loggedIn(email);
  expect(await problemOf(await ask(accessToken, "Wrong-horse-1"))).toEqual({
    status: 400,
    code: "validation_failed",
  });
  await cheapenPassword(userId);
  const answers = await twenty(async () => (await ask(accessToken)).status);
  expect(answers.toSorted((a, b) => a - b)).toEqual([202, ...Array<number>(19).fill(429)]);
  expect(await eventsOf(userId)).toEqual(["person.export_requested"]);
});

it("is gone after seven days", async () => {
  const { userId, exportId, accessToken } = await asking();
  await storeExport(contextAt(), "users", { userId, exportId }, {});
  await dropExpiredExports(contextAt(() => new Date(Date.now() + 6.9 * DAY_MS)));
  expect((await fetchCopy(accessToken)).status).toBe(200);
  await dropExpiredExports(contextAt(() => new Date(Date.now() + 7.1 * DAY_MS)));
  expect((await fetchCopy(accessToken)).status).toBe(404);
  expect(await owner.$count(exportParts, eq(exportParts.userId, userId))).toBe(0);
});
