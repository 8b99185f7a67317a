import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { formatMoment, formatPrice, metalName, priceUnit } from "@souk/kit/format";
import type { Env } from "../env.ts";
import { notifyUser } from "../services/notify-user.ts";

/** Tells a person that the price they waited for was quoted (S2-NOTIF-09). */
export async function alertTriggered(
  context: Context<Env>,
  event: SoukEvent<"alert.triggered">,
): Promise<void> {
  const { userId, ...facts } = event.data;
  const { metal, currency, type, threshold, price, quotedAt, note } = facts;
  const unit = priceUnit(facts.unit, metal, facts.karat);
  const quoted = `${metal}/${currency} was quoted at ${formatPrice(price, currency)} per ${unit} on ${formatMoment(quotedAt)}.`;
  await notifyUser(context, event, userId, {
    title: `${metalName(metal)} is ${type} ${formatPrice(threshold, currency)} per ${unit}`,
    message: note === null ? quoted : `${quoted} Your note: ${note}`,
    data: facts,
  });
}
