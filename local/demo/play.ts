import { createSouk } from "@souk/client";
import type { Platform } from "../platform.ts";
import { createAlert } from "./alert.ts";
import { awaitAlertMail, awaitNotification, checkDeliveredOnce } from "./delivery.ts";
import { logIn } from "./log-in.ts";
import { newPerson } from "./person.ts";
import { pollFurther, pollUntilCrossing } from "./prices.ts";
import { openRealtime } from "./realtime.ts";
import { register } from "./register.ts";
import { awaitVerificationMail, followVerificationLink } from "./verify-email.ts";

/** The real series was at 890 USD in April 2009, and first above 1000 in October. */
export const START_MONTH = "2009-04";
const THRESHOLD = "1000";
const MONTHS_AFTER = 3;

/**
 * Plays Souk's main job as a person meets it: a gold price becomes a delivered alert.
 * @throws StepFailed at the first step that is not observed
 */
export async function play(platform: Platform): Promise<void> {
  const { apiUrl } = platform;
  const souk = createSouk({ baseUrl: apiUrl });
  const person = newPerson();
  await register(souk, person);
  const link = await awaitVerificationMail(apiUrl, platform.inboxUrl, person);
  await followVerificationLink(souk, link);
  await logIn(souk, person);
  const realtime = await openRealtime(souk, apiUrl);
  try {
    const alertId = await createAlert(souk, THRESHOLD);
    const crossing = await pollUntilCrossing(platform, souk, alertId, Number(THRESHOLD));
    await awaitNotification(realtime, alertId, crossing);
    const subject = await awaitAlertMail(platform.inboxUrl, person, crossing);
    await pollFurther(platform, souk, alertId, MONTHS_AFTER);
    await checkDeliveredOnce(souk, realtime, platform.inboxUrl, person, subject);
  } finally {
    realtime.close();
  }
}
