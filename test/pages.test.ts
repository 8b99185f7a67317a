import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, it } from "vitest";
import { browse, noBrowser, ORIGIN, type Browsing } from "./clients/browser.ts";
import { nextAddress } from "./next-address.ts";
import { testPlatform } from "./platform.ts";

const BUILD = join(import.meta.dirname, "../workers/gateway/build/docs-assets.ts");

const without = noBrowser();
let browsing: Browsing | undefined;
afterEach(async () => browsing?.close());

const HOSTILE = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

it("the pages' scripts run under their policy, and what comes with a link is text", async (context) => {
  context.skip(without !== undefined, without);
  browsing = await browse();
  const { page, complaints } = browsing;
  await page.addInitScript(`addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    console.error("refused by " + violatedDirective + ": " + blockedURI))`);
  const elsewhere: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(ORIGIN) && !request.url().startsWith("data:"))
      elsewhere.push(request.url());
  });
  const at = (path: string) =>
    page.goto(`${ORIGIN}${path}?${encodeURIComponent(HOSTILE)}#token=${encodeURIComponent(HOSTILE)}`);

  await at("/verify-email");
  await page.getByRole("button", { name: "Confirm my address" }).press("Enter");
  await page.getByText("This link is no longer good.").waitFor();
  await page.getByLabel("Your address").fill("nobody@example.com");
  await page.getByRole("button", { name: "Mail me a new link" }).press("Enter");
  await page.getByText(/a new link is on its way/).waitFor();
  expect(new URL(page.url()).hash).toBe("");

  await at("/reset-password");
  await page.getByLabel("New password").fill(`Aa1${HOSTILE}`);
  await page.getByRole("button", { name: "Set the password" }).press("Enter");
  await page.getByText(/the link is used up or too old/).waitFor();

  await at("/unlock-account");
  await page.getByRole("button", { name: "Unlock my account" }).press("Enter");
  await page.getByText("This link is no longer good.").waitFor();

  await at("/confirm-email-change");
  await page.getByRole("button", { name: "Confirm the change" }).press("Enter");
  await page.getByText(/no longer good/).waitFor();
  expect(await page.title()).not.toBe("owned");

  await at("/docs");
  // It draws only what is in sight.
  await page.getByText("/api/v1/auth/account", { exact: true }).first().waitFor({ timeout: 60_000 });
  expect(await page.title()).not.toBe("owned");
  expect(complaints).toEqual([]);
  expect(elsewhere).toEqual([]);
}, 120_000);

it("the pages stay where they are while another platform is built", async () => {
  const { url } = await testPlatform();
  const building = new Set([1, 2, 3].map(() => promisify(execFile)(process.execPath, [BUILD])));
  for (const one of building) void one.finally(() => building.delete(one));
  const statuses = new Set<number>();
  while (building.size > 0) {
    for (const path of ["/app/chat", "/app/chat.js", "/verify-email"]) {
      const answer = await fetch(url + path, { headers: { "cf-connecting-ip": nextAddress() } });
      await answer.body?.cancel();
      statuses.add(answer.status);
    }
  }
  expect([...statuses]).toEqual([200]);
});
