import { Hono } from "hono";
import type { Quote } from "./quote.ts";

// This provider answers its errors with status 200.
const failure = (statusCode: number, message: string) => ({ success: false, error: { statusCode, message } });

/** Answers as metalpriceapi.com: `GET /v1/latest?api_key=&base=USD&currencies=XAU`. */
export function metalpriceapi(key: string, quote: () => Quote) {
  const app = new Hono();
  app.get("/v1/latest", (c) => {
    const { api_key, base = "USD", currencies = "XAU" } = c.req.query();
    if (api_key === undefined) return c.json(failure(101, "No API key was given."));
    if (api_key !== key) return c.json(failure(102, "The API key is not valid."));
    if (base !== "USD") return c.json(failure(201, "The base currency is not supported."));
    if (!currencies.split(",").includes("XAU"))
      return c.json(failure(202, "The currencies are not supported."));
    const { price, at } = quote();
    return c.json({
      success: true,
      base,
      timestamp: at.getTime() / 1000,
      // JSON has no infinity: at a price of zero the ounces per dollar are zero too.
      rates: { XAU: price === 0 ? 0 : 1 / price, USDXAU: price },
    });
  });
  return app;
}
