import { createContext, type Context } from "@souk/kit/context";
import { parseEnv } from "@souk/kit/config";
import { unstable_readConfig } from "wrangler";
import { join } from "node:path";
import { Env } from "../../workers/alerts/src/env.ts";

const path = join(import.meta.dirname, "../../workers/alerts/wrangler.toml");

/** The context that the alerts Worker gives its verbs, here in Node: the same driver and the same statements. */
export function alertsContext(environment: Record<string, string>): Context<Env> {
  const { vars } = unstable_readConfig({ config: path }, { hideWarnings: true });
  const env = parseEnv(Env, {
    ...vars,
    ...environment,
    LOG_LEVEL: "error",
    EVENTS: { wake: async () => {} },
    // A tick asks nobody else.
    AUTH: {},
    DEAD_LETTERS: {},
  });
  return createContext(env, { service: "alerts", waitUntil: () => {} });
}
