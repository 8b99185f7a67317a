import type { PlatformPorts } from "./platform.ts";
import { StartError } from "./start-error.ts";

const DEFAULT_PORTS: Record<keyof PlatformPorts, number> = {
  api: 8787,
  inbox: 8025,
  smtp: 1025,
  prices: 8026,
  postgres: 54320,
  neon: 54321,
};

/**
 * The ports of `npm run dev`: the usual ones, or those of SOUK_PORT_API, SOUK_PORT_INBOX, SOUK_PORT_SMTP, SOUK_PORT_PRICES,
 * SOUK_PORT_POSTGRES and SOUK_PORT_NEON.
 * @throws StartError when one of these is no port, or two are the same
 */
export function devPorts(environment: NodeJS.ProcessEnv): PlatformPorts {
  const port = (name: keyof PlatformPorts): number => {
    const variable = `SOUK_PORT_${name.toUpperCase()}`;
    const text = environment[variable] ?? String(DEFAULT_PORTS[name]);
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > 65_535)
      throw new StartError(`${variable} is "${text}", which is no port. Set it to a number from 1 to 65535.`);
    return value;
  };
  const ports = {
    api: port("api"),
    inbox: port("inbox"),
    smtp: port("smtp"),
    prices: port("prices"),
    postgres: port("postgres"),
    neon: port("neon"),
  };
  const values = Object.values(ports);
  const twice = values.find((value, place) => values.indexOf(value) !== place);
  if (twice !== undefined)
    throw new StartError(
      `Port ${twice} is given to two parts. Set one of the SOUK_PORT_ variables to another port.`,
    );
  return ports;
}
