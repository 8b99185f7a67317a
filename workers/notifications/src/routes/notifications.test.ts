import { exports } from "cloudflare:workers";
import { uuidv7 } from "@souk/kit/ids";
import { describe, expect, it } from "vitest";
import { alert, consumeAll } from "../../test/deliveries.ts";
import { person } from "../../test/person.ts";
import { Notification } from "../schemas.ts";

const withAlerts = async (count: number) => {
  const ada = person();
  for (let i = 0; i < count; i++) await consumeAll(alert(ada.userId));
  return ada;
};

const json = async (answer: Promise<Response>) => (await answer).json();

describe("my notifications", () => {
  it("are listed newest first, page by page, each once", async () => {
    const ada = await withAlerts(5);
    const all = (await ada.list()).items.map(({ id }) => id);
    expect(all).toHaveLength(5);
    expect(all).toEqual(all.toSorted().toReversed());
    const pages: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page = await ada.list(`?limit=2${cursor && `&cursor=${cursor}`}`);
      pages.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(pages).toEqual(all);
  });

  it("can be narrowed to the unread, which are counted", async () => {
    const ada = await withAlerts(3);
    const [newest] = (await ada.list()).items;
    await ada.call("PUT", `/notifications/${newest?.id}/read`);
    expect((await ada.list("?unread=true")).items).toHaveLength(2);
    expect((await ada.list("?unread=false")).items).toHaveLength(3);
    expect(await json(ada.call("GET", "/notifications/unread-count"))).toEqual({ unread: 2 });
  });

  it("keep the time at which they were first read", async () => {
    const ada = await withAlerts(1);
    const [item] = (await ada.list()).items;
    const path = `/notifications/${item?.id}/read`;
    const first = Notification.parse(await json(ada.call("PUT", path)));
    expect(first.readAt).not.toBeNull();
    expect(Notification.parse(await json(ada.call("PUT", path)))).toEqual(first);
  });

  it("are read all at once, each counted once, by twenty callers", async () => {
    const ada = await withAlerts(3);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => json(ada.call("PUT", "/notifications/read-all"))),
    );
    const read = answers.map((answer) => (answer as { read: number }).read);
    expect(read.reduce((sum, n) => sum + n, 0)).toBe(3);
    expect(await json(ada.call("GET", "/notifications/unread-count"))).toEqual({ unread: 0 });
  });

  it("are nobody else's", async () => {
    const ada = await withAlerts(1);
    const eve = person();
    const [item] = (await ada.list()).items;
    expect((await eve.call("PUT", `/notifications/${item?.id}/read`)).status).toBe(404);
    expect((await eve.call("PUT", `/notifications/${uuidv7(new Date())}/read`)).status).toBe(404);
    await eve.call("PUT", "/notifications/read-all");
    expect((await eve.list()).items).toEqual([]);
    expect((await ada.list("?unread=true")).items).toHaveLength(1);
  });

  it.each([
    ["GET", "/notifications?cursor=nonsense"],
    ["GET", `/notifications?cursor=${btoa('"x"')}`],
    ["GET", "/notifications?limit=0"],
    ["GET", "/notifications?limit=101"],
    ["GET", "/notifications?unread=perhaps"],
    ["PUT", "/notifications/1/read"],
  ])("refuse %s %s", async (method, path) => {
    expect((await person().call(method, path)).status).toBe(400);
  });

  it("are refused to strangers", async () => {
    const paths = [
      ["GET", "/notifications"],
      ["GET", "/notifications/unread-count"],
      ["PUT", `/notifications/${uuidv7(new Date())}/read`],
      ["PUT", "/notifications/read-all"],
      ["GET", "/notifications/preferences"],
      ["PUT", "/notifications/preferences"],
      ["POST", "/realtime/tickets"],
    ] as const;
    for (const [method, path] of paths) {
      expect((await exports.default.fetch(`https://souk.test/api/v1${path}`, { method })).status).toBe(401);
    }
  });
});

describe("my channels", () => {
  it("are all on until I choose, and keep what a change leaves out", async () => {
    const ada = person();
    expect(await json(ada.call("GET", "/notifications/preferences"))).toEqual({
      email: true,
      inApp: true,
      push: true,
      muted: false,
    });
    await ada.call("PUT", "/notifications/preferences", { email: false });
    expect(await json(ada.call("PUT", "/notifications/preferences", { inApp: false }))).toMatchObject({
      email: false,
      inApp: false,
    });
  });

  it.each([{ email: "no" }, { muted: true }, { sms: true }])("refuse %j", async (change) => {
    expect((await person().call("PUT", "/notifications/preferences", change)).status).toBe(400);
  });
});
