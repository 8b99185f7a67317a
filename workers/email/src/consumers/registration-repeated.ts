import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { contactOf } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";

/** Tells a member that someone tried to register with their address. */
export async function registrationRepeated(
  context: Context<Env>,
  event: SoukEvent<"user.registration_repeated">,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId } = event.data;
  await sendEmail(context, delivery, event.id, {
    template: "address-already-known",
    userId,
    prepare: async () => {
      const to = await contactOf(context, userId);
      const resetUrl = new URL("/reset-password", context.env.PUBLIC_URL).href;
      return to === null ? "skipped" : { to, variables: { firstName: to.firstName, resetUrl } };
    },
  });
}
