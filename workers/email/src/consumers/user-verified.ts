import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { contactOf } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";

/** Welcomes a member whose address is confirmed (S2-EMAIL-08). */
export async function userVerified(
  context: Context<Env>,
  event: SoukEvent<"user.verified">,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId } = event.data;
  await sendEmail(context, delivery, event.id, {
    template: "welcome",
    userId,
    prepare: async () => {
      const to = await contactOf(context, userId);
      return to === null ? "skipped" : { to, variables: { firstName: to.firstName } };
    },
  });
}
