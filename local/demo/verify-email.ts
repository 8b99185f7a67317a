import type { Souk } from "@souk/client";
import { mailsTo } from "./inbox.ts";
import type { Person } from "./person.ts";
import { step } from "./step.ts";
import { until } from "./until.ts";

/** The link of the verification mail, once that has arrived. */
export function awaitVerificationMail(apiUrl: string, inboxUrl: string, person: Person): Promise<URL> {
  return step("Wait for the verification mail", async () => {
    const { subject, link } = await until(`the verification mail to ${person.email}`, async () => {
      for (const { subject, text } of await mailsTo(inboxUrl, person.email)) {
        const link = URL.parse(/\S+\/verify-email#token=[\w.~-]+/.exec(text)?.[0] ?? "");
        if (link) return { subject, link };
      }
      return undefined;
    });
    if (link.origin !== new URL(apiUrl).origin)
      throw new Error(`the mailed link leads to ${link.origin} instead of ${apiUrl}`);
    return { observed: `the verification mail arrived: "${subject}"`, found: link };
  });
}

/** Does what a browser does with the link: opens the page, whose script then posts the token of the fragment. */
export function followVerificationLink(souk: Souk, link: URL): Promise<void> {
  return step("Follow the verification link", async () => {
    const page = await fetch(link, { signal: AbortSignal.timeout(10_000) });
    const html = await page.text();
    if (page.status !== 200 || !html.includes("<script"))
      throw new Error(`the page answered ${page.status}: ${html.slice(0, 200)}`);
    const token = new URLSearchParams(link.hash.slice(1)).get("token") ?? "";
    await souk.POST("/api/v1/auth/verify-email", { body: { token } });
    return { observed: "the link was followed, the address is verified", found: undefined };
  });
}
