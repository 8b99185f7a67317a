import type { App } from "@souk/kit/app";
import { newerThan } from "@souk/kit/newer-than";
import { defineRoute, problem } from "@souk/kit/route";
import type { Env } from "../env.ts";
import { CurrentPriceQuery, Price, PriceHistory, PriceHistoryQuery, PricesStatus } from "../schemas.ts";
import { readCurrentPrice } from "../services/read-current-price.ts";
import { readPriceHistory } from "../services/read-price-history.ts";
import { readPricesStatus } from "../services/read-prices-status.ts";

const current = defineRoute({
  method: "get",
  path: "/api/v1/prices/current",
  access: "public",
  scope: "prices:read",
  operationId: "readCurrentPrice",
  summary: "Read the current price of a metal",
  description:
    "The median of the sources that agree, some ten seconds behind the last poll, a minute and a half at most; with `Cache-Control: no-cache` a minute.",
  tags: ["prices"],
  cache: { maxAge: 15, staleWhileRevalidate: 15, staleIfError: 600, tags: ["prices"] },
  request: { query: CurrentPriceQuery },
  responses: {
    200: { description: "The current price", content: { "application/json": { schema: Price } } },
    404: problem("No price is known yet"),
  },
});

const history = defineRoute({
  method: "get",
  path: "/api/v1/prices/history",
  access: "public",
  scope: "prices:read",
  operationId: "readPriceHistory",
  summary: "Read prices of the past",
  description:
    "Oldest first. `raw` gives single prices, every other interval candles. A page of candles covers at most about a year.",
  tags: ["prices"],
  cache: { maxAge: 60, staleWhileRevalidate: 60, staleIfError: 3600, tags: ["prices"] },
  request: { query: PriceHistoryQuery },
  responses: {
    200: { description: "Prices or candles", content: { "application/json": { schema: PriceHistory } } },
  },
});

const status = defineRoute({
  method: "get",
  path: "/api/v1/prices/status",
  access: "admin",
  operationId: "getPricesStatus",
  summary: "Whether the sources answer and the prices are fresh",
  description: "What each source said to the last poll, the age of each price, and what alerts wait for.",
  tags: ["prices"],
  responses: {
    200: { description: "As of now", content: { "application/json": { schema: PricesStatus } } },
  },
});

/** Prices, open to anyone, and their state, for admins. */
export function registerPrices(app: App<Env>): void {
  app.openapi(current, async (c) =>
    c.json(await readCurrentPrice(c.get("context"), c.req.valid("query"), newerThan(c.req.raw.headers)), 200),
  );
  app.openapi(status, async (c) => c.json(await readPricesStatus(c.get("context")), 200));
  app.openapi(history, async (c) =>
    c.json(await readPriceHistory(c.get("context"), c.req.valid("query")), 200),
  );
}
