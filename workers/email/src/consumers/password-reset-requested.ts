import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { linkFor } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";

/** Mails the link by which a new password is set. */
export async function passwordResetRequested(
  context: Context<Env>,
  event: SoukEvent<"password.reset_requested">,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId } = event.data;
  await sendEmail(context, delivery, event.id, {
    template: "reset-password",
    userId,
    prepare: async () => {
      const link = await linkFor(context, userId, "reset_password");
      return link === null
        ? "skipped"
        : { to: link, variables: { firstName: link.firstName, url: link.url } };
    },
  });
}
