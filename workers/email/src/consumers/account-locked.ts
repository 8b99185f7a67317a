import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { linkFor } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";

/** Mails the link that ends a lockout after failed log-ins. */
export async function accountLocked(
  context: Context<Env>,
  event: SoukEvent<"account.locked">,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId } = event.data;
  await sendEmail(context, delivery, event.id, {
    template: "account-locked",
    userId,
    prepare: async () => {
      const link = await linkFor(context, userId, "unlock_account");
      if (link === null) return "skipped";
      const resetUrl = new URL("/reset-password", context.env.PUBLIC_URL).href;
      return { to: link, variables: { firstName: link.firstName, url: link.url, resetUrl } };
    },
  });
}
