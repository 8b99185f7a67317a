import { describe, expect, it } from "vitest";
import { z } from "zod";
import { binding, DatabaseEnv, jsonVariable, parseEnv } from "./config.ts";

const Env = DatabaseEnv.extend({ PAIRS: jsonVariable(z.array(z.string())), EVENTS: binding<object>() });
const good = {
  VERSION: "1",
  LOG_LEVEL: "info",
  DATABASE_URL: "postgres://a:hunter2@h/d",
  NEON_ENDPOINT: "",
  SLOW_QUERY_MS: "200",
  PAIRS: '["XAU/USD"]',
  EVENTS: {},
};

describe("parseEnv", () => {
  it("parses once per environment", () => {
    const env = parseEnv(Env, good);
    expect(env.PAIRS).toEqual(["XAU/USD"]);
    expect(parseEnv(Env, good)).toBe(env);
  });

  it.each(Object.keys(good))("names %s when it is missing", (key) => {
    expect(() => parseEnv(Env, { ...good, [key]: undefined })).toThrow(new RegExp(`\\b${key}\\b`));
  });

  it("names what is wrong and never shows it", () => {
    const wrong = { ...good, LOG_LEVEL: "loud", DATABASE_URL: "mysql://hunter2", PAIRS: "hunter2" };
    expect(() => parseEnv(Env, wrong)).toThrow(/LOG_LEVEL.*DATABASE_URL.*PAIRS/);
    expect(() => parseEnv(Env, wrong)).not.toThrow(/hunter2/);
  });
});
