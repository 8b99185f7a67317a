import { GRAMS, KARATS, UNITS } from "@souk/db/schema/alerts";
import Big from "big.js";
import fc from "fast-check";

const MINUTE = 60_000;

/** Alerts near a price of 100. */
export const alertSpec = fc.record({
  type: fc.constantFrom("above" as const, "below" as const),
  threshold: fc.integer({ min: 90, max: 110 }),
  unit: fc.constantFrom(...UNITS),
  karat: fc.constantFrom(...KARATS),
  mode: fc.constantFrom("one_shot" as const, "recurring" as const),
  hysteresisPercent: fc.constantFrom(0, 1, 3.5),
  cooldownSeconds: fc.constantFrom(0, 600, 1800),
  start: fc.constantFrom("now" as const, "crossing" as const),
});
export type AlertSpec = typeof alertSpec extends fc.Arbitrary<infer T> ? T : never;

/** A threshold meant as one per ounce, as it would be given per unit and karat; so every alert lies near the prices. */
export const perOwnUnit = ({ threshold, unit, karat }: AlertSpec) =>
  Big(threshold).times(GRAMS[unit]).times(karat).div(24).div(GRAMS.toz).round(8).toFixed();

/** One alert by itself: exact fractions, no index, no SQL. */
export class NaiveAlert {
  state: "armed" | "waiting" | "done";
  active = true;
  after: number | null = null;
  triggeredAt: number | null = null;
  fired: number[] = [];
  readonly spec: AlertSpec;
  readonly level: Big;

  constructor(spec: AlertSpec, price: { value: number; at: number } | null) {
    this.spec = spec;
    this.level = Big(perOwnUnit(spec)).times(GRAMS.toz).times(24);
    this.state = this.startState(price);
    this.after = price?.at ?? null;
  }
  /** Price and level, both times the same factor. */
  private compare(value: number, percent: number): number {
    return Big(value)
      .times(GRAMS[this.spec.unit])
      .times(this.spec.karat)
      .times(100)
      .cmp(this.level.times(percent));
  }
  private crossed(value: number): boolean {
    return this.spec.type === "above" ? this.compare(value, 100) >= 0 : this.compare(value, 100) <= 0;
  }
  private startState(price: { value: number } | null): "armed" | "waiting" {
    return this.spec.start === "now" || (price !== null && !this.crossed(price.value)) ? "armed" : "waiting";
  }
  switch(active: boolean, price: { value: number; at: number } | null): void {
    if (active && !this.active) {
      this.state = this.startState(price);
      this.after = price?.at ?? null;
    }
    this.active = active;
  }
  see(value: number, at: number): void {
    if (!this.active || (this.after !== null && at <= this.after)) return;
    const { type, mode, hysteresisPercent, cooldownSeconds } = this.spec;
    if (this.state === "armed" && this.crossed(value)) {
      this.fired.push(value);
      this.triggeredAt = at;
      this.state = mode === "one_shot" ? "done" : "waiting";
      if (mode === "one_shot") this.active = false;
    } else if (this.state === "waiting") {
      const back =
        type === "above"
          ? this.compare(value, 100 - hysteresisPercent) < 0
          : this.compare(value, 100 + hysteresisPercent) > 0;
      const cooled = this.triggeredAt === null || at >= this.triggeredAt + (cooldownSeconds * 1000) / MINUTE;
      if (back && cooled) this.state = "armed";
    }
  }
}
