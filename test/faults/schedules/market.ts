import { Hono } from "hono";
import {
  brokenAnswer,
  distortQuote,
  type PriceFault,
  SOURCES,
  type Source,
} from "../../../local/prices/faults.ts";
import { goldapi } from "../../../local/prices/goldapi.ts";
import { metalpriceapi } from "../../../local/prices/metalpriceapi.ts";
import { metalsdev } from "../../../local/prices/metalsdev.ts";

/** How a source may lie. Those that answer late or not at all cost seconds of retries; test/faults/prices.test.ts has them. */
export const LIES = ["garbage", "html", "empty", "zero", "negative", "tenfold", "stale"] as const;
export type Lie = (typeof LIES)[number];

export const HONEST = { goldapi: "none", metalsdev: "none", metalpriceapi: "none" } as const;

/** The three price sources, in this process, with a price that the schedule sets. */
export class Market {
  price = 100;
  at = new Date("2024-01-02T12:00:00Z");
  modes: Record<Source, PriceFault["mode"]> = HONEST;
  readonly app = new Hono();

  constructor(keys: Record<Source, string>) {
    const providers = { goldapi, metalsdev, metalpriceapi };
    const quote = (source: Source) => () =>
      distortQuote(
        { price: this.price, previousClose: this.price, at: this.at },
        { mode: this.modes[source], factor: 1 },
      );
    for (const source of SOURCES) {
      this.app.use(`/${source}/*`, async (_, next) => brokenAnswer(this.modes[source]) ?? (await next()));
      this.app.route(`/${source}`, providers[source](keys[source], quote(source)));
    }
  }
}
