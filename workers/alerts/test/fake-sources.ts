import { vi } from "vitest";

export const SOURCES = ["goldapi", "metalsdev", "metalpriceapi"] as const;
export type SourceName = (typeof SOURCES)[number];

/** What a fake source says: a price at a time, or anything at all. */
export type Said =
  | { price: number; at: Date }
  | ((init: RequestInit | undefined) => Response | Promise<Response>);

const BODIES: Record<SourceName, (price: number, at: Date, path: string[]) => object> = {
  goldapi: (price, at, [, , , metal, currency]) => ({
    metal,
    currency,
    timestamp: at.getTime() / 1000,
    price,
    bid: price,
    ask: price,
  }),
  metalsdev: (price, at) => ({
    status: "success",
    currency: "USD",
    unit: "toz",
    metals: { gold: price },
    timestamps: { metal: at.toISOString() },
  }),
  metalpriceapi: (price, at) => ({
    success: true,
    base: "USD",
    timestamp: at.getTime() / 1000,
    rates: { USDXAU: price },
  }),
};

/**
 * Puts fake sources in the place of the real ones; every other call goes out as before.
 * @param says asked at each call
 * @returns the calls that came, as source names
 */
export function fakeSources(says: (source: SourceName) => Said): SourceName[] {
  const calls: SourceName[] = [];
  const real = globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const source = SOURCES.find((name) => url.pathname.startsWith(`/${name}/`));
    if (source === undefined) return real(input, init);
    calls.push(source);
    const said = says(source);
    return typeof said === "function"
      ? said(init as RequestInit | undefined)
      : Response.json(BODIES[source](said.price, said.at, url.pathname.split("/")));
  });
  return calls;
}
