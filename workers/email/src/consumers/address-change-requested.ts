import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { linkFor } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";

/** Mails the old and the new address of a change the link by which each confirms it. One that fails does not hold up the other. */
export async function addressChangeRequested(
  context: Context<Env>,
  event: SoukEvent<"address.change_requested">,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId } = event.data;
  const mail = (template: "leave-email" | "join-email", purpose: "leave_email" | "join_email") =>
    sendEmail(context, delivery, event.id, {
      template,
      userId,
      prepare: async () => {
        const link = await linkFor(context, userId, purpose);
        return link === null ? "skipped" : { to: link, variables: { url: link.url } };
      },
    });
  const sent = await Promise.allSettled([
    mail("leave-email", "leave_email"),
    mail("join-email", "join_email"),
  ]);
  for (const one of sent) if (one.status === "rejected") throw one.reason;
}
