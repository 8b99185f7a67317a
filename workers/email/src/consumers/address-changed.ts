import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { formatMoment } from "@souk/kit/format";
import { formerContactOf } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";

/** Tells the address that a member has left. */
export async function addressChanged(
  context: Context<Env>,
  event: SoukEvent<"address.changed">,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId } = event.data;
  await sendEmail(context, delivery, event.id, {
    template: "address-changed",
    userId,
    prepare: async () => {
      const to = await formerContactOf(context, userId);
      if (to === null) return "skipped";
      return { to, variables: { firstName: to.firstName, changedAt: formatMoment(event.time) } };
    },
  });
}
