import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { linkFor } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";

/** Mails a person the link that confirms their address: on registering, and whenever they ask for it again. */
export async function userRegistered(
  context: Context<Env>,
  event: SoukEvent<"user.registered" | "verification.requested">,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId } = event.data;
  await sendEmail(context, delivery, event.id, {
    template: "verify-email",
    userId,
    prepare: async () => {
      const link = await linkFor(context, userId, "verify_email");
      return link === null ? "skipped" : { to: link, variables: { url: link.url } };
    },
  });
}
