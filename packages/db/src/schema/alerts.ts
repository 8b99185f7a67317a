import { sql, type SQL } from "drizzle-orm";
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  numeric,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
  type AnyPgColumn,
} from "drizzle-orm/pg-core";
import { idempotencyTable } from "../idempotency.ts";

export const METALS = ["XAU", "XAG", "XPT", "XPD"] as const;
export const KARATS = [24, 22, 21, 18, 14] as const;
export const ALERT_TYPES = ["above", "below"] as const;
export const ALERT_MODES = ["one_shot", "recurring"] as const;
export const ALERT_STARTS = ["now", "crossing"] as const;
export const ALERT_STATES = ["armed", "waiting", "done"] as const;

/** Grams in each unit of weight: the troy ounce by international definition (1959), the tola as 180 troy grains. */
export const GRAMS = { toz: "31.1034768", g: "1", kg: "1000", tola: "11.6638038" } as const;
export type Unit = keyof typeof GRAMS;
export const UNITS = Object.keys(GRAMS) as [Unit, ...Unit[]];

const oneOf = (column: SQL | AnyPgColumn, values: readonly string[]): SQL =>
  sql`${column} IN (${sql.raw(values.map((value) => `'${value}'`).join(", "))})`;

const gramsOf = (unit: SQL): SQL =>
  sql`CASE ${unit} ${sql.join(
    Object.entries(GRAMS).map(([name, grams]) => sql.raw(`WHEN '${name}' THEN ${grams}`)),
    sql` `,
  )} END`;

const ounce = sql.raw(GRAMS.toz);

/** SQL for a price per troy ounce of fine metal, 20 decimals, from one per unit and karat. */
export const perFineOunce = (price: SQL, unit: SQL, karat: SQL): SQL =>
  sql`round(${price} * ${ounce} * 24, 20) / (${gramsOf(unit)} * ${karat})`;

/** SQL for a price per unit and karat, at most 6 decimals, from one per troy ounce of fine metal. `priceIn` of the alerts Worker is its twin. */
export const perUnit = (price: SQL, unit: SQL, karat: SQL): SQL =>
  sql`trim_scale(round(${price} * (${gramsOf(unit)}) * ${karat} / (${ounce} * 24), 6))`;

export const alertsSchema = pgSchema("alerts");

const time = (name: string) => timestamp(name, { withTimezone: true });

/** The sources of prices, as the poll last saw them. */
export const exchanges = alertsSchema.table(
  "exchanges",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    region: text("region").notNull(),
    apiUrl: text("api_url").notNull(),
    everyMinutes: integer("every_minutes").notNull(),
    /** The bucket of the last poll that took this source. */
    polledAt: time("polled_at").notNull(),
    answeredAt: time("answered_at"),
    /** Why the last poll got no answer; null when it did. */
    failure: text("failure"),
    createdAt: time("created_at").notNull().defaultNow(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (table) => [unique("exchanges_name_key").on(table.name)],
);

/** What each source said in each bucket of five minutes, accepted or not. */
export const quotes = alertsSchema.table(
  "quotes",
  {
    id: uuid("id").primaryKey(),
    exchangeId: uuid("exchange_id")
      .notNull()
      .references(() => exchanges.id),
    metal: text("metal").notNull(),
    currency: text("currency").notNull(),
    bucket: time("bucket").notNull(),
    price: numeric("price").notNull(),
    bid: numeric("bid"),
    ask: numeric("ask"),
    quotedAt: time("quoted_at").notNull(),
    fetchedAt: time("fetched_at").notNull(),
    accepted: boolean("accepted").notNull(),
    /** Why it was not accepted. */
    reason: text("reason"),
  },
  (table) => [
    unique("quotes_source_bucket_key").on(table.exchangeId, table.metal, table.currency, table.bucket),
    check("quotes_reason_if_refused", sql`${table.accepted} = (${table.reason} IS NULL)`),
    check("quotes_accepted_positive", sql`NOT ${table.accepted} OR ${table.price} > 0`),
  ],
);

/** The current price of each metal and currency, per troy ounce of fine metal. */
export const prices = alertsSchema.table(
  "prices",
  {
    id: uuid("id").primaryKey(),
    metal: text("metal").notNull(),
    goldWeight: text("gold_weight").notNull().default("toz"),
    currency: text("currency").notNull(),
    price: numeric("price").notNull(),
    bid: numeric("bid"),
    ask: numeric("ask"),
    /** The difference from the price before. */
    change: numeric("change"),
    /** How many sources agreed on it. */
    sources: integer("sources").notNull(),
    quotedAt: time("quoted_at").notNull(),
    fetchedAt: time("fetched_at").notNull(),
    createdAt: time("created_at").notNull().defaultNow(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (table) => [
    unique("prices_metal_currency_key").on(table.metal, table.currency),
    check("prices_per_ounce", sql`${table.goldWeight} = 'toz'`),
    check("prices_known_metal", oneOf(table.metal, METALS)),
    check(
      "prices_positive",
      sql`${table.price} > 0 AND (${table.bid} IS NULL OR ${table.bid} > 0) AND ${table.sources} > 0`,
    ),
    check(
      "prices_spread",
      sql`(${table.bid} IS NULL) = (${table.ask} IS NULL) AND ${table.bid} <= ${table.ask}`,
    ),
  ],
);

/** Every price by bucket; what alerts are evaluated against, each row once and in order. */
export const priceHistory = alertsSchema.table(
  "price_history",
  {
    id: uuid("id").primaryKey(),
    priceId: uuid("price_id")
      .notNull()
      .references(() => prices.id),
    bucket: time("bucket").notNull(),
    oldValue: numeric("old_value"),
    newValue: numeric("new_value").notNull(),
    bid: numeric("bid"),
    ask: numeric("ask"),
    sources: integer("sources").notNull(),
    quotedAt: time("quoted_at").notNull(),
    fetchedAt: time("fetched_at").notNull(),
    changedAt: time("changed_at").notNull(),
    /** Quoted no later than the price that was current: kept for the record, never current, never evaluated. */
    late: boolean("late").notNull(),
    evaluatedAt: time("evaluated_at"),
  },
  (table) => [
    unique("price_history_bucket_key").on(table.priceId, table.bucket),
    index("price_history_quoted_idx").on(table.priceId, table.quotedAt, table.id),
    index("price_history_pending_idx")
      .on(table.quotedAt, table.id)
      .where(sql`${table.evaluatedAt} IS NULL AND NOT ${table.late}`),
    check("price_history_positive", sql`${table.newValue} > 0`),
  ],
);

const thresholdToz = perFineOunce(sql.raw("threshold"), sql.raw("unit"), sql.raw("karat"));

/**
 * The last that was heard of people who left (deactivated, to be deleted) or returned, by a digest of the id as `erased` tables know them:
 * it stays when they are erased, so that an event which comes late is still known to be old.
 */
export const presences = alertsSchema.table("presences", {
  person: text("person").primaryKey(),
  /** Of the newest event; an older one changes nothing. */
  change: integer("change").notNull(),
  away: boolean("away").notNull(),
});

/** People's alerts. Only armed and waiting ones that are active and do not rest are looked at by a tick, each kind by its index. */
export const alerts = alertsSchema.table(
  "alerts",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id").notNull(),
    clientId: text("client_id"),
    metal: text("metal").notNull(),
    currency: text("currency").notNull(),
    alertType: text("alert_type").notNull(),
    /** As the user gave it: per unit and karat. */
    threshold: numeric("threshold").notNull(),
    unit: text("unit").notNull(),
    karat: integer("karat").notNull(),
    mode: text("mode").notNull(),
    hysteresisPercent: numeric("hysteresis_percent").notNull(),
    cooldownSeconds: integer("cooldown_seconds").notNull(),
    start: text("start").notNull(),
    note: text("note"),
    active: boolean("active").notNull(),
    state: text("state").notNull(),
    /** The person is away: no price counts until they return. */
    resting: boolean("resting").notNull().default(false),
    /** The newest price known when the alert was set; only newer ones count for it. */
    afterQuotedAt: time("after_quoted_at"),
    thresholdToz: numeric("threshold_toz").notNull().generatedAlwaysAs(thresholdToz),
    /** A waiting alert is armed again by a price on the far side of this. */
    rearmToz: numeric("rearm_toz")
      .notNull()
      .generatedAlwaysAs(
        sql`${thresholdToz} * (CASE alert_type WHEN 'above' THEN 100 - hysteresis_percent ELSE 100 + hysteresis_percent END) / 100`,
      ),
    lastTriggeredAt: time("last_triggered_at"),
    createdAt: time("created_at").notNull(),
    updatedAt: time("updated_at").notNull(),
  },
  (table) => [
    // Partial: an alert without one, which is most, costs no entry each time it fires.
    uniqueIndex("alerts_client_id_key")
      .on(table.userId, table.clientId)
      .where(sql`${table.clientId} IS NOT NULL`),
    index("alerts_user_idx").on(table.userId, table.id.desc().nullsFirst()),
    index("alerts_armed_idx")
      .on(table.metal, table.currency, table.alertType, table.thresholdToz)
      .where(sql`${table.state} = 'armed' AND ${table.active} AND NOT ${table.resting}`),
    index("alerts_waiting_idx")
      .on(table.metal, table.currency, table.alertType, table.rearmToz)
      .where(sql`${table.state} = 'waiting' AND ${table.active} AND NOT ${table.resting}`),
    check("alerts_known_metal", oneOf(table.metal, METALS)),
    check("alerts_known_type", oneOf(table.alertType, ALERT_TYPES)),
    check("alerts_known_unit", oneOf(table.unit, UNITS)),
    check("alerts_known_karat", sql`${table.karat} IN (${sql.raw(KARATS.join(", "))})`),
    check("alerts_karat_is_of_gold", sql`${table.metal} = 'XAU' OR ${table.karat} = 24`),
    check("alerts_known_mode", oneOf(table.mode, ALERT_MODES)),
    check("alerts_known_start", oneOf(table.start, ALERT_STARTS)),
    check("alerts_known_state", oneOf(table.state, ALERT_STATES)),
    check("alerts_done_is_inactive", sql`${table.state} <> 'done' OR NOT ${table.active}`),
    check("alerts_threshold_positive", sql`${table.threshold} > 0`),
    check(
      "alerts_hysteresis_percent",
      sql`${table.hysteresisPercent} >= 0 AND ${table.hysteresisPercent} <= 50`,
    ),
    check("alerts_cooldown", sql`${table.cooldownSeconds} >= 0`),
  ],
);

/** Each time an alert fired. Amounts are per unit and karat, as the alert had them then. */
export const alertHistory = alertsSchema.table(
  "alert_history",
  {
    id: uuid("id").notNull(),
    alertId: uuid("alert_id").notNull(),
    userId: uuid("user_id").notNull(),
    priceHistoryId: uuid("price_history_id")
      .notNull()
      .references(() => priceHistory.id),
    triggeredAt: time("triggered_at").notNull(),
    value: numeric("value").notNull(),
    previousValue: numeric("previous_value"),
    threshold: numeric("threshold").notNull(),
    unit: text("unit").notNull(),
    karat: integer("karat").notNull(),
    quotedAt: time("quoted_at").notNull(),
    sources: integer("sources").notNull(),
  },
  (table) => [
    // An alert's history is read newest first.
    primaryKey({ columns: [table.alertId, table.id] }),
    foreignKey({
      columns: [table.alertId],
      foreignColumns: [alerts.id],
      name: "alert_history_alert_fk",
    }).onDelete("cascade"),
    // An alert fires at most once at a price: the last word on every race.
    unique("alert_history_once").on(table.alertId, table.priceHistoryId),
  ],
);

export const idempotencyKeys = idempotencyTable(alertsSchema);
