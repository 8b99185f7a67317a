import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { formatMoment } from "@souk/kit/format";
import { contactOf } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";

/** Tells a member on which day their account is erased, and how to keep it. */
export async function deletionRequested(
  context: Context<Env>,
  event: SoukEvent<"account.deletion_requested">,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId, deleteAfter } = event.data;
  await sendEmail(context, delivery, event.id, {
    template: "account-deletion",
    userId,
    prepare: async () => {
      const to = await contactOf(context, userId);
      if (to === null) return "skipped";
      const resetUrl = new URL("/reset-password", context.env.PUBLIC_URL).href;
      return { to, variables: { firstName: to.firstName, deleteAfter: formatMoment(deleteAfter), resetUrl } };
    },
  });
}
