import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { MailFault } from "../../local/mail/faults.ts";
import { newPerson, type Person } from "../person.ts";
import { testPlatform } from "../platform.ts";
import { copiesOf, emailOf, logLines, mailed, newWatcher, ONCE, tick, told, tried } from "./watcher.ts";

let person: Person;

async function setFault(fault: Partial<MailFault>): Promise<void> {
  const { mail } = await testPlatform();
  await fetch(`${mail.url}/api/faults`, { method: "PUT", body: JSON.stringify(fault) });
}

beforeAll(async () => {
  person = await newPerson();
});
afterEach(() => setFault({ mode: "none" }));

describe("the mail server", () => {
  it.each<[MailFault["mode"], string]>([
    ["refuse", "deferred"],
    ["temporary-failure", "deferred"],
    ["late-greeting", "deferred"],
    ["stall", "uncertain"],
    ["drop-during-data", "uncertain"],
  ])("%s: the try is %s, the mail comes later, once", async (mode, outcome) => {
    await setFault({ mode, delayMs: 8_000 });
    const watcher = await newWatcher(person);
    await tick();
    const email = await tried(watcher, outcome);
    expect(await copiesOf(watcher)).toEqual([]);
    await setFault({ mode: "none" });
    expect(await told(watcher)).toEqual(ONCE);
    expect((await emailOf(watcher))?.status).toBe("sent");
    expect(await logLines("event will be retried", email.id, outcome)).not.toEqual([]);
    expect(await logLines("email sent", email.id)).toHaveLength(1);
  });

  it("drops after DATA: shown as uncertain, and the repeat carries the same Message-ID", async () => {
    await setFault({ mode: "drop-after-data" });
    const watcher = await newWatcher(person);
    await tick();
    await tried(watcher, "uncertain");
    expect((await emailOf(watcher))?.status).toBe("uncertain");
    await setFault({ mode: "none" });
    const counts = await told(watcher);
    const { outcomes, message_id } = await mailed(watcher);
    expect(outcomes.filter((outcome) => outcome === "sent")).toHaveLength(1);
    // Each cut after DATA left a copy, and nothing else did.
    expect(counts).toEqual({ ...ONCE, mails: outcomes.length });
    expect(new Set((await copiesOf(watcher)).map(({ messageId }) => messageId))).toEqual(
      new Set([message_id]),
    );
  });

  it("accepts half of the recipients: the others' mail has failed for good, theirs is sent", async () => {
    const refused = await newPerson();
    await setFault({ mode: "reject-recipient", to: refused.email });
    const [lucky, unlucky] = [await newWatcher(person), await newWatcher(refused)];
    await tick();
    const email = await mailed(unlucky, "failed");
    expect(email.outcomes).toEqual(["refused"]);
    expect(await logLines("email refused", email.id, "smtp_550")).toHaveLength(1);
    expect(await told(lucky)).toEqual(ONCE);
    expect(await copiesOf(unlucky)).toEqual([]);
  });
});
