import { setTimeout as delay } from "node:timers/promises";
import { Hono, type MiddlewareHandler } from "hono";
import { serve } from "../serve.ts";
import { control } from "./control.ts";
import { brokenAnswer, distortQuote, type PriceFault, type Source, SOURCES } from "./faults.ts";
import { goldapi } from "./goldapi.ts";
import { metalpriceapi } from "./metalpriceapi.ts";
import { metalsdev } from "./metalsdev.ts";
import type { Quote } from "./quote.ts";
import { Replay, type PriceState } from "./replay.ts";

export interface PricesOptions {
  /** Folder of the replay's position. */
  dir: string;
  /** The key that each source asks for. */
  keys: Record<Source, string>;
  /** Port on 127.0.0.1; a free one when not given. */
  port?: number | undefined;
  /** Where a fresh replay begins; by default before the rise to the first 1000 USD. */
  startMonth?: string | undefined;
}

export interface Prices {
  url: string;
  state(): PriceState;
  /** One month further; undefined at the end of the series. */
  tick(): PriceState | undefined;
  close(): Promise<void>;
}

const SLOW_MS = 60_000;

/**
 * A price source on 127.0.0.1 that replays the real monthly gold price and speaks three providers' formats.
 * @throws StartError when the port is taken
 */
export async function startPrices(options: PricesOptions): Promise<Prices> {
  const replay = new Replay(options.dir, options.startMonth ?? "2007-01");
  const faults = new Map<Source, PriceFault>();

  const quote = (source: Source) => (): Quote => {
    const { price, at } = replay.state();
    const honest = { price: Number(price), previousClose: Number(replay.previous().price), at: new Date(at) };
    return distortQuote(honest, faults.get(source) ?? { mode: "none", factor: 1 });
  };
  const misbehave =
    (source: Source): MiddlewareHandler =>
    async (_, next) => {
      const mode = faults.get(source)?.mode ?? "none";
      if (mode === "slow") await delay(SLOW_MS, undefined, { ref: false });
      const broken = brokenAnswer(mode);
      if (broken) return broken;
      await next();
    };
  const providers = { goldapi, metalsdev, metalpriceapi };
  const app = new Hono();
  for (const source of SOURCES) {
    app.use(`/${source}/*`, misbehave(source));
    app.route(`/${source}`, providers[source](options.keys[source], quote(source)));
  }
  app.route(
    "/",
    control(replay, (fault) => {
      for (const source of fault.source === "all" ? SOURCES : [fault.source])
        faults.set(source, { ...fault, source });
    }),
  );
  const served = await serve(app.fetch, {
    port: options.port,
    purpose: "the price source",
    variable: "SOUK_PORT_PRICES",
  });
  return {
    url: served.url,
    state: () => replay.state(),
    tick: () => replay.tick(),
    close: () => served.close(),
  };
}
