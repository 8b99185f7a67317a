import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { mailSignInFor } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";

/** Mails the link and the code by which a person signs in. */
export async function mailSignInRequested(
  context: Context<Env>,
  event: SoukEvent<"mail_sign_in.requested">,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId, mailSignInId } = event.data;
  await sendEmail(context, delivery, event.id, {
    template: "sign-in",
    userId,
    prepare: async () => {
      const minted = await mailSignInFor(context, mailSignInId);
      if (minted === null) return "skipped";
      const { firstName, url, code } = minted;
      return { to: minted, variables: { firstName, url, code } };
    },
  });
}
