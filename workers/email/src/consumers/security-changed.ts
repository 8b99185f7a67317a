import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { EventType, SoukEvent } from "@souk/kit/events";
import { formatMoment } from "@souk/kit/format";
import { contactOf } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";

/** What each event means to the owner of the account. */
const CHANGES = {
  "second_factor.enabled": "The second factor was turned on",
  "second_factor.disabled": "The second factor was turned off",
  "recovery_code.used": "A recovery code was used",
  "recovery_codes.renewed": "New recovery codes were made",
  "api_key.created": "A new API key was made",
  "api_key.rolled": "An API key was given a new secret",
  "passkey.added": "A passkey was added",
  "passkey.removed": "A passkey was taken away",
} as const satisfies Partial<Record<EventType, string>>;

/** Tells a member of a change in how their account is protected. */
export async function securityChanged(
  context: Context<Env>,
  event: SoukEvent<keyof typeof CHANGES>,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId } = event.data;
  await sendEmail(context, delivery, event.id, {
    template: "security-change",
    userId,
    prepare: async () => {
      const to = await contactOf(context, userId);
      if (to === null) return "skipped";
      const resetUrl = new URL("/reset-password", context.env.PUBLIC_URL).href;
      const changedAt = formatMoment(event.time);
      return { to, variables: { firstName: to.firstName, change: CHANGES[event.type], changedAt, resetUrl } };
    },
  });
}
