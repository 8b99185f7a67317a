import {
  ALERT_MODES,
  ALERT_STARTS,
  ALERT_STATES,
  ALERT_TYPES,
  KARATS,
  METALS,
  UNITS,
} from "@souk/db/schema/alerts";
import { z } from "@hono/zod-openapi";
import { Instant } from "@souk/kit/instant";
import { PageQuery, pageOf } from "@souk/kit/pagination";

const Metal = z.enum(METALS).openapi({ description: "ISO 4217 code: gold, silver, platinum, palladium" });
const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/, "three capital letters")
  .openapi({ example: "USD" });
const Unit = z.enum(UNITS).openapi({ description: "troy ounce, gram, kilogram or tola" });
const Karat = z.literal([...KARATS]).openapi({
  // Of several literals the generator would name the first alone.
  type: "integer",
  enum: [...KARATS],
  description: "24 is fine metal; the others are of gold alone",
});
const Decimal = z.string().openapi({ description: "A decimal number as text", example: "1134.72" });
const Time = z.iso.datetime();

const pair = { metal: Metal, currency: Currency };

const karatQuery = z
  .enum(KARATS.map(String))
  .default("24")
  .transform(Number)
  .openapi({ description: "24 is fine metal; the others are of gold alone" });

const Priced = z.object({ ...pair, unit: Unit.default("toz"), karat: karatQuery });

export const CurrentPriceQuery = Priced;

export const Price = z
  .object({
    metal: Metal,
    currency: Currency,
    unit: Unit,
    karat: z.int(),
    price: Decimal,
    bid: Decimal.nullable(),
    ask: Decimal.nullable(),
    change: Decimal.nullable().openapi({ description: "Difference from the price before; may be negative" }),
    sources: z.int().openapi({ description: "How many sources agreed" }),
    quotedAt: Time,
    fetchedAt: Time,
    isStale: z.boolean().openapi({
      description: "Quoted more than four hours ago: the market is closed or the sources are silent",
    }),
  })
  .openapi("Price");

const INTERVALS = ["raw", "5m", "1h", "1d", "1w", "1mo"] as const;

export const PriceHistoryQuery = Priced.extend({
  from: Instant.optional().openapi({ description: "First quote time" }),
  to: Instant.optional().openapi({ description: "Quotes before this time" }),
  interval: z.enum(INTERVALS).default("raw"),
  cursor: PageQuery.shape.cursor,
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

const PricePoint = z
  .object({
    price: Decimal,
    bid: Decimal.nullable(),
    ask: Decimal.nullable(),
    sources: z.int(),
    quotedAt: Time,
    fetchedAt: Time,
  })
  .openapi("PricePoint");

const Candle = z
  .object({
    start: Time.openapi({ description: "UTC; weeks begin on Monday" }),
    open: Decimal,
    high: Decimal,
    low: Decimal,
    close: Decimal,
    points: z.int().openapi({ description: "Prices in the candle" }),
  })
  .openapi("Candle");

export const PriceHistory = pageOf(z.union([PricePoint, Candle])).openapi("PriceHistory");

const Threshold = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,8})?$/, "a decimal number as text, at most 12 digits and 8 decimals")
  .refine((text) => /[1-9]/.test(text), "more than 0")
  .openapi({ description: "Per unit and karat, as text", example: "1000.50" });

const changeable = {
  type: z.enum(ALERT_TYPES).openapi({ description: "above: price >= threshold; below: price <= threshold" }),
  threshold: Threshold,
  unit: Unit,
  karat: Karat,
  mode: z
    .enum(ALERT_MODES)
    .openapi({ description: "recurring: armed again once the price has gone back and the cooldown is over" }),
  hysteresisPercent: z
    .number()
    .min(0)
    .max(50)
    .openapi({ description: "How far past the threshold the price must go back" }),
  cooldownSeconds: z
    .int()
    .min(0)
    .max(31_536_000)
    .openapi({ description: "A crossing within it is not told" }),
  start: z.enum(ALERT_STARTS).openapi({
    description: "now: fires at the next price even if already true; crossing: the price must cross first",
  }),
  note: z.string().max(500).nullable(),
};

export const NewAlert = z
  .strictObject({
    ...pair,
    ...changeable,
    unit: changeable.unit.default("toz"),
    karat: changeable.karat.default(24),
    mode: changeable.mode.default("one_shot"),
    hysteresisPercent: changeable.hysteresisPercent.default(0.5),
    cooldownSeconds: changeable.cooldownSeconds.default(3600),
    start: changeable.start.default("now"),
    note: changeable.note.default(null),
    clientId: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .openapi({ description: "Your own id for the alert, unique among yours" }),
  })
  .openapi("NewAlert");
export type NewAlert = z.output<typeof NewAlert>;

export const AlertChange = z
  .strictObject({
    ...changeable,
    active: z.boolean().openapi({ description: "false pauses the alert; true sets it anew" }),
  })
  .partial()
  .openapi("AlertChange");
export type AlertChange = z.output<typeof AlertChange>;

export const Alert = z
  .object({
    id: z.uuid(),
    clientId: z.string().nullable(),
    ...pair,
    ...changeable,
    threshold: Decimal,
    active: z.boolean(),
    state: z.enum(ALERT_STATES).openapi({ description: "armed; waiting for the price to go back; done" }),
    lastTriggeredAt: Time.nullable(),
    createdAt: Time,
    updatedAt: Time,
  })
  .openapi("Alert");
export type Alert = z.infer<typeof Alert>;

export const AlertId = z.object({ id: z.uuid() });
export const AlertPage = pageOf(Alert).openapi("AlertPage");
export const AlertQuery = PageQuery.extend({
  active: z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .optional(),
});

const AlertTrigger = z
  .object({
    id: z.uuid(),
    triggeredAt: Time,
    value: Decimal.openapi({ description: "The price that fired it, per unit and karat" }),
    previousValue: Decimal.nullable(),
    threshold: Decimal,
    unit: Unit,
    karat: z.int(),
    quotedAt: Time,
    sources: z.int(),
  })
  .openapi("AlertTrigger");

export const AlertHistoryPage = pageOf(AlertTrigger).openapi("AlertHistoryPage");

const SourceStatus = z
  .object({
    name: z.string(),
    everyMinutes: z.number(),
    polledAt: Time.nullable(),
    answeredAt: Time.nullable().openapi({ description: "When it last gave a quote" }),
    failure: z.string().nullable().openapi({ description: "What went wrong in the last poll" }),
  })
  .openapi("PriceSourceStatus");

export const PricesStatus = z
  .object({
    sources: z.array(SourceStatus).openapi({ description: "Those that are switched on" }),
    prices: z
      .array(
        z.object({
          metal: z.string(),
          currency: z.string(),
          quotedAt: Time.nullable(),
          isStale: z.boolean(),
        }),
      )
      .openapi({ description: "Every pair that is polled; without `quotedAt` none is known yet" }),
    unevaluated: z.int().openapi({ description: "Prices against which alerts have not been evaluated yet" }),
  })
  .openapi("PricesStatus");
