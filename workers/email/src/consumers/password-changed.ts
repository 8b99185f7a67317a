import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { contactOf } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";
import { formatMoment } from "@souk/kit/format";

/** Tells a member that their password was changed. */
export async function passwordChanged(
  context: Context<Env>,
  event: SoukEvent<"password.changed">,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId } = event.data;
  await sendEmail(context, delivery, event.id, {
    template: "password-changed",
    userId,
    prepare: async () => {
      const to = await contactOf(context, userId);
      if (to === null) return "skipped";
      const resetUrl = new URL("/reset-password", context.env.PUBLIC_URL).href;
      return { to, variables: { firstName: to.firstName, changedAt: formatMoment(event.time), resetUrl } };
    },
  });
}
