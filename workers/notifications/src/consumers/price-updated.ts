import type { Context } from "@souk/kit/context";
import type { SoukEvent } from "@souk/kit/events";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import { watchObject } from "@souk/kit/watch-object";
import type { Env } from "../env.ts";
import { roomOf } from "../price-rooms.ts";

/** Tells those who follow the pair (S4-NOTIF-08, E-PRICE-05). */
export async function priceUpdated(
  context: Context<Env>,
  { data }: SoukEvent<"price.updated">,
): Promise<void> {
  const room = roomOf(data);
  const first = watchObject(context, "PRICE_ROOM", context.env.PRICE_ROOM.getByName(room));
  await callTimeout.execute(() =>
    first.publish(room, { type: "price", ...data }, traceparent(context.trace)),
  );
}
