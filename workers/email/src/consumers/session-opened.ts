import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { formatMoment } from "@souk/kit/format";
import { contactOf } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";

/** Tells a member that somebody logged in on a device that they had not used before. */
export async function sessionOpened(
  context: Context<Env>,
  event: SoukEvent<"session.opened">,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId, device, newDevice } = event.data;
  if (!newDevice) return;
  await sendEmail(context, delivery, event.id, {
    template: "new-device",
    userId,
    prepare: async () => {
      const to = await contactOf(context, userId);
      if (to === null) return "skipped";
      const resetUrl = new URL("/reset-password", context.env.PUBLIC_URL).href;
      const openedAt = formatMoment(event.time);
      return { to, variables: { firstName: to.firstName, device, openedAt, resetUrl } };
    },
  });
}
