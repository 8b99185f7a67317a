import type { Env } from "../env.ts";
import { goldapi } from "./goldapi.ts";
import { metalpriceapi } from "./metalpriceapi.ts";
import { metalsDev } from "./metals-dev.ts";
import type { Source } from "./source.ts";

/** A source with its place and how often it may be asked. */
export interface ConfiguredSource {
  source: Source;
  url: string;
  key: string;
  everyMinutes: number;
}

/** The sources that have a key. */
export function configuredSources(env: Env): ConfiguredSource[] {
  const all = [
    { source: goldapi, url: env.GOLDAPI_URL, key: env.GOLDAPI_KEY, everyMinutes: env.GOLDAPI_EVERY_MINUTES },
    {
      source: metalsDev,
      url: env.METALSDEV_URL,
      key: env.METALSDEV_KEY,
      everyMinutes: env.METALSDEV_EVERY_MINUTES,
    },
    {
      source: metalpriceapi,
      url: env.METALPRICEAPI_URL,
      key: env.METALPRICEAPI_KEY,
      everyMinutes: env.METALPRICEAPI_EVERY_MINUTES,
    },
  ];
  return all.filter(({ key }) => key !== "");
}
