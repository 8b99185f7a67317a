import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientAddress, networkOf } from "./client-address.ts";

describe("the network that is counted", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002:ffff::1", "2001:db8:1:2::/64"],
    ["2001:db8:1:3::1", "2001:db8:1:3::/64"],
    ["::1", "0:0:0:0::/64"],
    ["2001:db8::", "2001:db8:0:0::/64"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::ffff:cb00:7107", "203.0.113.7"],
  ])("of %s is %s", (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });

  it("is the first four groups, whatever the others are and however the address is spelled", () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), fc.boolean(), (groups, padded) => {
        fc.pre(!(groups.slice(0, 5).every((part) => part === 0) && groups[5] === 0xffff));
        const hex = groups.map((part) => part.toString(16).padStart(padded ? 4 : 1, "0"));
        const network = groups.slice(0, 4).map((part) => part.toString(16));
        expect(networkOf(hex.join(":").toUpperCase())).toBe(`${network.join(":")}::/64`);
        const short = [...hex.slice(0, 4), "", "1"].join(":");
        expect(networkOf(short)).toBe(`${network.join(":")}::/64`);
      }),
    );
  });
});

it("the address comes from the platform's header alone", () => {
  const others = {
    "x-forwarded-for": "203.0.113.1",
    "x-real-ip": "203.0.113.2",
    forwarded: "for=203.0.113.3",
  };
  expect(clientAddress(new Headers(others))).toBeNull();
  expect(clientAddress(new Headers({ ...others, "cf-connecting-ip": "203.0.113.9" }))).toBe("203.0.113.9");
  for (const odd of ["", "unknown", "203.0.113.9, 203.0.113.1", "203.0.113.999"])
    expect(clientAddress(new Headers({ "cf-connecting-ip": odd })), odd).toBeNull();
});
