import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { formatMoment } from "@souk/kit/format";
import { contactOf } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";

/** Tells a member that they can log in with a provider now, or no longer. */
export async function identityChanged(
  context: Context<Env>,
  event: SoukEvent<"identity.linked" | "identity.unlinked">,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId, provider } = event.data;
  await sendEmail(context, delivery, event.id, {
    template: event.type === "identity.linked" ? "identity-linked" : "identity-unlinked",
    userId,
    prepare: async () => {
      const to = await contactOf(context, userId);
      if (to === null) return "skipped";
      const resetUrl = new URL("/reset-password", context.env.PUBLIC_URL).href;
      const changedAt = formatMoment(event.time);
      return { to, variables: { firstName: to.firstName, provider, changedAt, resetUrl } };
    },
  });
}
