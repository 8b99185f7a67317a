import type { DeliveryAttempt } from "@souk/kit/consumer";
import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { contactOf, wantsEmail } from "../ask-owners.ts";
import type { Env } from "../env.ts";
import { sendEmail } from "../services/send-email.ts";
import { formatMoment, formatPrice, metalName, priceUnit } from "@souk/kit/format";

/** Mails a member that the price they waited for was quoted, unless they want no such mails (S2-EMAIL-09) or their account is asleep. */
export async function alertTriggered(
  context: Context<Env>,
  event: SoukEvent<"alert.triggered">,
  delivery: DeliveryAttempt,
): Promise<void> {
  const { userId, metal, currency, type, threshold, price, unit, karat, quotedAt, note } = event.data;
  await sendEmail(context, delivery, event.id, {
    template: "alert-triggered",
    userId,
    prepare: async () => {
      if (!(await wantsEmail(context, userId, event.type))) return "suppressed";
      const to = await contactOf(context, userId);
      if (to === null || to.asleep) return "skipped";
      return {
        to,
        variables: {
          firstName: to.firstName,
          metal: metalName(metal),
          pair: `${metal}/${currency}`,
          direction: type,
          threshold: formatPrice(threshold, currency),
          price: formatPrice(price, currency),
          unit: priceUnit(unit, metal, karat),
          quotedAt: formatMoment(quotedAt),
          note,
        },
      };
    },
  });
}
