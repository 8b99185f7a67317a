import { z } from "zod";
import type { Quote } from "./quote.ts";

export const SOURCES = ["goldapi", "metalsdev", "metalpriceapi"] as const;
export type Source = (typeof SOURCES)[number];

/**
 * How a source misbehaves:
 * - disagree: its price is multiplied by `factor`; tenfold, zero, negative: what they say
 * - stale: the quote's time is a week old
 * - down: 503; slow: answers after 60 s; empty, garbage (cut-off JSON), html: status 200 with such a body
 */
export const priceFaultSchema = z.object({
  source: z.enum([...SOURCES, "all"]),
  mode: z.enum([
    "none",
    "disagree",
    "tenfold",
    "zero",
    "negative",
    "stale",
    "down",
    "slow",
    "empty",
    "garbage",
    "html",
  ]),
  factor: z.number().default(1.05),
});
export type PriceFault = z.output<typeof priceFaultSchema>;

const WEEK_MS = 7 * 24 * 3600 * 1000;

/** The quote as a source with this fault would give it. */
export function distortQuote(quote: Quote, { mode, factor }: Pick<PriceFault, "mode" | "factor">): Quote {
  if (mode === "disagree") return { ...quote, price: quote.price * factor };
  if (mode === "tenfold") return { ...quote, price: quote.price * 10 };
  if (mode === "zero") return { ...quote, price: 0 };
  if (mode === "negative") return { ...quote, price: -quote.price };
  if (mode === "stale") return { ...quote, at: new Date(quote.at.getTime() - WEEK_MS) };
  return quote;
}

/** The whole answer of a source with this fault, or undefined when it answers in its format. */
export function brokenAnswer(mode: PriceFault["mode"]): Response | undefined {
  const json = { "content-type": "application/json" };
  if (mode === "down") return new Response("Service Unavailable", { status: 503 });
  if (mode === "empty") return new Response(null, { headers: json });
  if (mode === "garbage") return new Response('{"price": 12', { headers: json });
  if (mode === "html")
    return new Response("<!doctype html><title>Maintenance</title>", {
      headers: { "content-type": "text/html" },
    });
  return undefined;
}
