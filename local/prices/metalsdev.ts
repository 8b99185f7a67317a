import { Hono } from "hono";
import type { Quote } from "./quote.ts";

const failure = (error_code: number, error_message: string) => ({
  status: "failure",
  error_code,
  error_message,
});

/** Answers as metals.dev: `GET /v1/latest?api_key=&currency=USD&unit=toz`. */
export function metalsdev(key: string, quote: () => Quote) {
  const app = new Hono();
  app.get("/v1/latest", (c) => {
    const { api_key, currency = "USD", unit = "toz" } = c.req.query();
    if (api_key !== key)
      return c.json(failure(1101, "Unauthorized. The API key is missing or not valid."), 401);
    if (currency !== "USD" || unit !== "toz")
      return c.json(failure(2101, "The currency or unit is not supported."), 400);
    const { price, at } = quote();
    const time = at.toISOString();
    return c.json({
      status: "success",
      currency,
      unit,
      metals: { gold: price },
      currencies: { USD: 1 },
      timestamps: { metal: time, currency: time },
    });
  });
  return app;
}
