import { env } from "cloudflare:workers";
import { httpDatabase } from "@souk/db/client";
import { reportReads } from "@souk/db/schema/chat";
import { parseEnv } from "@souk/kit/config";
import { eq } from "drizzle-orm";
import { expect, it } from "vitest";
import { z } from "zod";
import { Env } from "../env.ts";
import { ReportInFull, ReportPage } from "../schemas/report.ts";
import { person, type TestPerson } from "../../test/person.ts";

const db = () => httpDatabase(env.DATABASE_URL, parseEnv(Env, env).NEON_ENDPOINT);
const admin = person(undefined, "admin");
const report = (by: TestPerson, id: string, seq: number) =>
  by.call("POST", `/conversations/${id}/messages/${seq}/report`, { reason: "fraud", note: "Pay first" });

/** The report that is open on a conversation. */
async function openOn(conversationId: string) {
  const { items } = ReportPage.parse(await admin.ok("GET", "/message-reports?limit=100"));
  return items.find((item) => item.conversationId === conversationId);
}

it("a report shows moderators the message in its context, each reading is recorded, and the message goes", async () => {
  const [ada, bob, eve] = [person(), person(), person()];
  const { id } = await ada.direct(bob);
  for (let place = 1; place <= 20; place++) await (place % 2 === 0 ? ada : bob).send(id, `text ${place}`);
  await bob.ok("PUT", `/conversations/${id}/messages/9`, { text: "text 9, harmless" });
  expect((await report(ada, id, 2)).status).toBe(400);
  expect((await report(eve, id, 9)).status).toBe(404);
  for (let time = 0; time < 2; time++) expect((await report(ada, id, 9)).status).toBe(202);
  for (const path of ["/message-reports", `/message-reports/${crypto.randomUUID()}`])
    expect((await ada.call("GET", path)).status).toBe(403);
  const open = await openOn(id);
  expect(open).toMatchObject({ seq: 9, reporterId: ada.userId, reportedId: bob.userId, reason: "fraud" });
  const path = `/message-reports/${open?.id}`;
  const { context, note, edits } = ReportInFull.parse(await admin.ok("GET", path));
  expect(note).toBe("Pay first");
  expect(context.map(({ text }) => text)).toEqual(
    Array.from({ length: 11 }, (_, index) => `text ${index + 4}${index === 5 ? ", harmless" : ""}`),
  );
  expect(edits).toMatchObject([{ text: "text 9" }]);
  const reads = await db()
    .select()
    .from(reportReads)
    .where(eq(reportReads.reportId, z.uuid().parse(open?.id)));
  expect(reads.map(({ readerId }) => readerId)).toEqual([admin.userId]);
  expect((await admin.call("GET", `/message-reports/${crypto.randomUUID()}`)).status).toBe(404);
  await admin.ok("PUT", `${path}/resolution`, { outcome: "message_removed" });
  await admin.ok("PUT", `${path}/resolution`, { outcome: "message_removed" });
  expect((await admin.call("PUT", `${path}/resolution`, { outcome: "dismissed" })).status).toBe(409);
  expect((await bob.history(id)).items.find(({ seq }) => seq === 9)?.text).toBeNull();
  expect(await openOn(id)).toBeUndefined();
});

it("a conversation that is suspended can be read and not written", async () => {
  const [ada, bob] = [person(), person()];
  const { id } = await ada.direct(bob);
  await bob.send(id, "Pay here");
  await report(ada, id, 1);
  const open = await openOn(id);
  await admin.ok("PUT", `/message-reports/${open?.id}/resolution`, { outcome: "conversation_suspended" });
  const body = { clientMessageId: "x", text: "x" };
  expect((await bob.call("POST", `/conversations/${id}/messages`, body)).status).toBe(403);
  expect((await ada.open(id)).suspended).toBe(true);
  expect((await ada.history(id)).items).toHaveLength(1);
});
