import { Hono } from "hono";
import type { Quote } from "./quote.ts";

const GRAMS_PER_TROY_OUNCE = 31.1034768;
const KARATS = [24, 22, 21, 20, 18, 16, 14, 10] as const;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Answers as goldapi.io: `GET /api/XAU/USD` with the key in `x-access-token`. */
export function goldapi(key: string, quote: () => Quote) {
  const app = new Hono();
  app.get("/api/:metal/:currency", (c) => {
    const token = c.req.header("x-access-token");
    if (token === undefined) return c.json({ error: "No API Key provided" }, 401);
    if (token !== key) return c.json({ error: "Invalid API Key" }, 403);
    const { metal, currency } = c.req.param();
    if (metal !== "XAU" || currency !== "USD")
      return c.json({ error: "No data available for this symbol or date" }, 404);
    const { price, previousClose, at } = quote();
    return c.json({
      timestamp: at.getTime() / 1000,
      metal,
      currency,
      exchange: "SOUK",
      symbol: "SOUK:XAUUSD",
      prev_close_price: previousClose,
      open_price: price,
      low_price: price,
      high_price: price,
      open_time: at.getTime() / 1000,
      price,
      ch: round(price - previousClose, 3),
      chp: round(((price - previousClose) / previousClose) * 100, 2),
      // The series has one price a month: no spread is invented.
      ask: price,
      bid: price,
      ...Object.fromEntries(
        KARATS.map((karat) => [
          `price_gram_${karat}k`,
          round((price / GRAMS_PER_TROY_OUNCE) * (karat / 24), 4),
        ]),
      ),
    });
  });
  return app;
}
