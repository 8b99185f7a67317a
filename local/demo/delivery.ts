import type { Souk } from "@souk/client";
import { z } from "zod";
import type { PriceState } from "../prices/replay.ts";
import { mailsTo } from "./inbox.ts";
import type { Person } from "./person.ts";
import type { Realtime } from "./realtime.ts";
import { step } from "./step.ts";
import { until } from "./until.ts";

const ALERT_TRIGGERED = "alert.triggered";

/** Waits for the alert's notification on the open WebSocket, and returns its id. */
export function awaitNotification(
  realtime: Realtime,
  alertId: string,
  crossing: PriceState,
): Promise<string> {
  return step("Wait for the notification", async () => {
    const { id, title, data } = await until("the notification of the alert", () =>
      realtime.notifications().find(({ type }) => type === ALERT_TRIGGERED),
    );
    const { alertId: about, price } = z.object({ alertId: z.string(), price: z.string() }).parse(data);
    if (about !== alertId || Number(price) !== Number(crossing.price))
      throw new Error(`it is about alert ${about} at ${price}`);
    return { observed: `the notification came over the WebSocket: "${title}"`, found: id };
  });
}

/** Waits for the alert's mail, which must name the price, and returns its subject. */
export function awaitAlertMail(inboxUrl: string, person: Person, crossing: PriceState): Promise<string> {
  return step("Wait for the alert mail", async () => {
    const price = new RegExp(`\\b${Number(crossing.price).toLocaleString("en").replace(",", ",?")}(?![\\d])`);
    const { subject } = await until(`the alert mail to ${person.email}`, async () =>
      (await mailsTo(inboxUrl, person.email)).find((mail) => price.test(mail.text) && price.test(mail.html)),
    );
    return { observed: `the mail is in the inbox: "${subject}"`, found: subject };
  });
}

/** Looks again at everything at the end: one notification, one mail. */
export function checkDeliveredOnce(
  souk: Souk,
  realtime: Realtime,
  inboxUrl: string,
  person: Person,
  alertSubject: string,
): Promise<void> {
  return step("Check that it was delivered once", async () => {
    const { data } = await souk.GET("/api/v1/notifications");
    const listed = data.items.filter(({ type }) => type === ALERT_TRIGGERED).length;
    const pushed = realtime.notifications().filter(({ type }) => type === ALERT_TRIGGERED).length;
    const mails = (await mailsTo(inboxUrl, person.email)).filter(
      ({ subject }) => subject === alertSubject,
    ).length;
    if (listed !== 1 || pushed !== 1 || mails !== 1)
      throw new Error(`${listed} notifications are listed, ${pushed} were pushed, ${mails} mails came`);
    return { observed: "one notification and one mail, no more", found: undefined };
  });
}
