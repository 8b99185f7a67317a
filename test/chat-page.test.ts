import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterEach, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { browse, noBrowser, ORIGIN, type Browsing } from "./clients/browser.ts";
import { eventually, request } from "./http.ts";
import { newPerson, type Person } from "./person.ts";

/** `npm run screenshots` writes them. */
const SHOTS = process.env["SCREENSHOTS"] === "yes" ? join(import.meta.dirname, "../docs/screenshots") : null;

const open: Browsing[] = [];
const without = noBrowser();

async function opened(options: Parameters<typeof browse>[0] = {}): Promise<Browsing> {
  const browsing = await browse(options);
  open.push(browsing);
  return browsing;
}

afterEach(async () => {
  const complaints = open.flatMap((browsing) => browsing.complaints);
  await Promise.all(open.splice(0).map((browsing) => browsing.close()));
  expect(complaints).toEqual([]);
});

/** Someone with a name of their own, so that a search finds them alone. */
async function named(firstName: string): Promise<Person & { name: string }> {
  const person = await newPerson();
  const lastName = `Q${person.id.replaceAll("-", "").slice(-12)}`;
  const put = async (path: string, body: unknown) =>
    (await request("PUT", `/api/v1/users/me${path}`, { token: person.accessToken, body })).status;
  expect(await put("", { firstName, lastName })).toBe(200);
  expect(await put("/privacy", { activityVisibility: "user" })).toBe(200);
  return { ...person, name: `${firstName} ${lastName}` };
}

const type = (page: Page, text: string) => page.keyboard.type(text);
const press = (page: Page, key: string) => page.keyboard.press(key);

/** How what has the focus is called. */
const focusedName = async (page: Page) =>
  String(
    await page.evaluate(`(() => {
      const at = document.activeElement;
      return at?.labels?.[0]?.textContent ?? at?.getAttribute("aria-label") ?? at?.textContent ?? "";
    })()`),
  );

/** Presses Tab until the focus is on what is named so. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    if (name.test(await focusedName(page))) return;
    await press(page, "Tab");
  }
  throw new Error(`The keyboard does not reach ${name.source}`);
}

async function logIn(page: Page, person: Person): Promise<void> {
  await page.goto(`${ORIGIN}/app/chat`);
  await page.getByRole("heading", { name: "Souk chat" }).waitFor();
  await type(page, person.email);
  await press(page, "Tab");
  await type(page, person.password);
  await press(page, "Enter");
  await page.getByText("Connected").waitFor();
}

const shot = async (page: Page, name: string) => {
  if (SHOTS !== null) await page.screenshot({ path: join(SHOTS, `${name}.png`) });
};

/** The messages as they stand there, each with who wrote it. */
const messages = (page: Page) => page.getByRole("log").locator("li").allInnerTexts();
const fits = (page: Page) =>
  page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth");

beforeAll(() => {
  if (SHOTS !== null) mkdirSync(SHOTS, { recursive: true });
});

/** Begins a conversation with somebody by the keyboard. */
async function writeTo(page: Page, { name }: { name: string }): Promise<void> {
  const [firstName = "", lastName = ""] = name.split(" ");
  await tabTo(page, /Find somebody/);
  await eventually("the person who is looked for", async () => {
    await page.getByLabel("Find somebody").fill(lastName);
    await press(page, "Enter");
    await page.getByText(/found\./).waitFor();
    return (await page.getByText(`Write to ${name}`).count()) === 1 || undefined;
  });
  await tabTo(page, new RegExp(`^Write to ${firstName}`));
  await press(page, "Enter");
  await page.getByRole("heading", { name }).waitFor();
}

/** Chooses something of the first message's menu by the keyboard. */
async function choose(page: Page, name: RegExp): Promise<void> {
  await tabTo(page, /^More/);
  await press(page, "Enter");
  await tabTo(page, name);
  await press(page, "Enter");
}

const Drafts = z.object({
  items: z.array(z.object({ me: z.object({ draft: z.object({ text: z.string() }).nullable() }) })),
});

/** What a person has begun to write in their one conversation. */
async function draftOf({ accessToken: token }: Person): Promise<string | undefined> {
  const { items } = Drafts.parse((await request("GET", "/api/v1/conversations", { token })).json);
  return items[0]?.me.draft?.text;
}

const texts = (page: Page) => page.getByRole("log").locator(".text").allInnerTexts();

it("two people chat by keyboard: found by name, typing, receipts, and what was written while one was cut off", async (context) => {
  context.skip(without !== undefined, without);
  const [ada, bob] = [await named("Ada"), await named("Bob")];
  const narrow = { viewport: { width: 360, height: 640 } };
  const [a, b] = [await opened(), await opened({ ...narrow, colorScheme: "dark" })];
  await Promise.all([logIn(a.page, ada), logIn(b.page, bob)]);

  await writeTo(a.page, bob);
  await a.page.getByText("Online").waitFor();
  const hostile = `<img src=x onerror="document.title='owned'"> is the ring still there?`;
  await type(a.page, hostile);
  await press(a.page, "Enter");

  const row = b.page.getByRole("button", { name: /Ada .*1 unread/ });
  await row.waitFor();
  await a.page.getByText("· delivered").waitFor();
  await shot(b.page, "chat-list-360-dark");
  await tabTo(b.page, /^Ada /);
  await press(b.page, "Enter");
  await b.page.getByRole("log").getByText(hostile).waitFor();
  await a.page.getByText("· read").waitFor();
  await type(b.page, "Ye");
  await a.page.getByText(`${bob.name} typing…`).waitFor();
  await type(b.page, "s.");
  await press(b.page, "Shift+Enter");
  await type(b.page, "Come by.");
  await press(b.page, "Enter");
  await a.page.getByText("Yes.\nCome by.").first().waitFor();
  await b.page.getByText("· read").waitFor();
  expect(await fits(b.page)).toBe(true);

  // What is begun stays through a reload; a message deleted for oneself stays with the other.
  await type(a.page, "I will");
  const draft = (text: string | undefined) =>
    eventually(`the draft ${text}`, async () => (await draftOf(ada)) === text || undefined);
  await draft("I will");
  await a.page.reload();
  await a.page.getByText("Draft: I will").waitFor();
  await tabTo(a.page, /^Bob /);
  await press(a.page, "Enter");
  await eventually(
    "the draft in its field",
    async () => (await a.page.getByLabel(/^Message;/).inputValue()) === "I will" || undefined,
  );
  for (const _ of "I will") await press(a.page, "Backspace");
  await draft(undefined);
  await choose(a.page, /^Delete for me/);
  await a.page.getByRole("log").getByText("You deleted this message.").waitFor();
  await b.page.getByRole("log").getByText(hostile).waitFor();

  b.line.cut();
  await b.page.getByText(/^Offline/).waitFor();
  await type(b.page, "Until six.");
  await press(b.page, "Enter");
  await b.page.getByText("waiting to be sent").waitFor();
  await tabTo(a.page, /^Message/);
  for (const text of ["When?", "I could come at five."]) {
    await type(a.page, text);
    await press(a.page, "Enter");
  }
  await a.page.getByText("· sent").last().waitFor();
  await a.page.getByText(/^Last seen/).waitFor();
  await shot(b.page, "chat-offline-360-dark");
  b.line.mend();
  await b.page.getByText("Connected").waitFor();
  await a.page.getByText("Online").waitFor();
  await a.page.getByRole("log").getByText("Until six.").waitFor();
  await b.page.getByText("I could come at five.").last().waitFor();
  await eventually("the same order with both", async () => {
    const [mine, theirs] = [await texts(a.page), await texts(b.page)];
    return (mine.length === 5 && mine.slice(1).join() === theirs.slice(1).join()) || undefined;
  });
  expect(await messages(b.page)).toHaveLength(5);
  await a.page.getByText("· read").last().waitFor();
  await shot(a.page, "chat-desktop-light");
  await shot(b.page, "chat-360-dark");
  await a.page.emulateMedia({ colorScheme: "dark" });
  await shot(a.page, "chat-desktop-dark");
  await b.page.emulateMedia({ colorScheme: "light" });
  await shot(b.page, "chat-360-light");
  expect(await a.page.title()).toBe("Chat · Souk");

  // Nobody has touched the page for five minutes.
  await b.page.clock.install();
  await press(b.page, "Shift");
  await b.page.clock.fastForward("05:00");
  await a.page.getByText("Away").waitFor();
  await press(b.page, "Escape");
  await a.page.getByText("Online").waitFor();
  expect(await focusedName(b.page)).toMatch(/^Ada /);
  await b.page.reload();
  await b.page.getByText("Connected").waitFor();
  await tabTo(b.page, /^Log out/);
  await press(b.page, "Enter");
  await b.page.getByText("You are logged out.").waitFor();
  await shot(b.page, "chat-log-in-360-light");
}, 300_000);

it("what one device begins to write stands on the other too, and a message is forwarded by keyboard", async (context) => {
  context.skip(without !== undefined, without);
  const [ada, bob, eve] = [await named("Ada"), await named("Bob"), await named("Eve")];
  const narrow = { viewport: { width: 360, height: 640 }, colorScheme: "dark" } as const;
  const [one, two] = [await opened(), await opened(narrow)];
  await Promise.all([logIn(one.page, ada), logIn(two.page, ada)]);
  await writeTo(one.page, eve);
  await writeTo(one.page, bob);
  await type(one.page, "The ring is still there.");
  await press(one.page, "Enter");
  await tabTo(two.page, /^Bob /);
  await press(two.page, "Enter");
  await two.page.getByRole("log").getByText("The ring is still there.").waitFor();

  const written = ({ page }: Browsing) => page.getByLabel(/^Message;/).inputValue();
  const stands = (on: Browsing, text: string) =>
    eventually(`"${text}" in the other's field`, async () => (await written(on)) === text || undefined);
  await type(one.page, "It costs");
  await stands(two, "It costs");
  await type(two.page, " forty");
  await stands(one, "It costs forty");
  await press(one.page, "Enter");
  await stands(two, "");
  await two.page.getByRole("log").getByText("It costs forty").waitFor();

  await choose(two.page, /^Forward$/);
  await two.page.getByRole("heading", { name: "Forward to" }).waitFor();
  await press(two.page, "Escape");
  expect(await focusedName(two.page)).toBe("More");
  await two.page.getByRole("heading", { name: bob.name }).waitFor();
  await choose(two.page, /^Forward$/);
  await two.page.getByRole("dialog").getByRole("button", { name: eve.name }).waitFor();
  expect(await fits(two.page)).toBe(true);
  await shot(two.page, "chat-forward-360-dark");
  await tabTo(two.page, /^Eve /);
  two.line.cut();
  await press(two.page, "Enter");
  await two.page.getByText("There is no connection to Souk.").waitFor();
  two.line.mend();
  await press(two.page, "Enter");
  await two.page.getByRole("heading", { name: eve.name }).waitFor();
  await two.page.getByText("· forwarded ·").waitFor();
  expect(await texts(two.page)).toEqual(["The ring is still there."]);
  await one.page.getByRole("button", { name: /^Eve .*The ring/ }).waitFor();
}, 180_000);

it("comes back at once when the browser is online again, and when somebody looks at the page again", async (context) => {
  context.skip(without !== undefined, without);
  const { page, line } = await opened();
  await logIn(page, await named("Ada"));
  // By itself it would come back after half a minute at the earliest.
  await page.evaluate("void (Math.random = () => 60)");
  const wakes = [
    async () => {
      await page.context().setOffline(true);
      await page.context().setOffline(false);
    },
    () => page.evaluate(`void document.dispatchEvent(new Event("visibilitychange"))`),
  ];
  for (const wake of wakes) {
    line.cut();
    await page.getByText(/^Offline/).waitFor();
    line.mend();
    await wake();
    await page.getByText("Connected").waitFor({ timeout: 15_000 });
  }
}, 120_000);

it("where WebSockets are blocked, people chat all the same", async (context) => {
  context.skip(without !== undefined, without);
  const [ada, bob] = [await named("Ada"), await named("Bob")];
  const [a, b] = [await opened(), await opened()];
  a.line.blockWebSockets();
  await Promise.all([logIn(a.page, ada), logIn(b.page, bob)]);
  await writeTo(a.page, bob);
  await type(a.page, "Is the ring still there?");
  await press(a.page, "Enter");
  await b.page.getByRole("button", { name: /Ada .*1 unread/ }).waitFor();
  await tabTo(b.page, /^Ada /);
  await press(b.page, "Enter");
  await a.page.getByText("· read").waitFor();
  await type(b.page, "Yes.");
  await a.page.getByText(`${bob.name} typing…`).waitFor();
  await press(b.page, "Enter");
  await a.page.getByText("Yes.").first().waitFor();
  await b.page.getByText("· read").waitFor();
  a.line.cut();
  await a.page.getByText(/^Offline/).waitFor();
  for (const text of ["I will take it.", "Today."]) {
    await type(a.page, text);
    await press(a.page, "Enter");
  }
  await a.page.getByText("waiting to be sent").last().waitFor();
  a.line.mend();
  const all = ["Is the ring still there?", "Yes.", "I will take it.", "Today."];
  for (const page of [a.page, b.page])
    await eventually("all messages, once and in order", async () => {
      const shown = await texts(page);
      return shown.join() === all.join() || undefined;
    });
  // The page shows what it sends at once, and Bob may have it before the answer is here.
  await eventually("nothing waits or has failed", async () => {
    return (await a.page.getByText(/waiting to be sent|not sent/).count()) === 0 || undefined;
  });
}, 180_000);
