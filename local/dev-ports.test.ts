import { expect, it } from "vitest";
import { devPorts } from "./dev-ports.ts";

it("are the usual ones unless the environment says otherwise", () => {
  const usual = { api: 8787, inbox: 8025, smtp: 1025, prices: 8026, postgres: 54320, neon: 54321 };
  expect(devPorts({})).toEqual(usual);
  expect(devPorts({ SOUK_PORT_API: "9000", SOUK_PORT_NEON: "9001" })).toEqual({
    ...usual,
    api: 9000,
    neon: 9001,
  });
});

it.each(["", "http", "0", "65536", "-1", "80.5", "0x50"])('"%s" is no port', (text) => {
  expect(() => devPorts({ SOUK_PORT_SMTP: text })).toThrow(/SOUK_PORT_SMTP .* no port/);
});

it("one port for two parts is refused", () => {
  expect(() => devPorts({ SOUK_PORT_API: "8025" })).toThrow(/Port 8025 is given to two parts/);
});
