import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressKey } from "./address-key.ts";

describe("addressKey", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::", "2001:db8:1:2::/64"],
    ["2001:DB8:0:0:ffff:ffff:ffff:ffff", "2001:db8:0:0::/64"],
    ["2001:0db8:0001:0002:ffff::1", "2001:db8:1:2::/64"],
    ["2001:0db8:0000:0000:1::", "2001:db8:0:0::/64"],
    ["2001:db8:1:3::1", "2001:db8:1:3::/64"],
    ["2001:db8:0:1::1", "2001:db8:0:1::/64"],
    ["::1", "0:0:0:0::/64"],
    ["2001:db8::", "2001:db8:0:0::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::ffff:cb00:7107", "203.0.113.7"],
    ["unknown", "unknown"],
    ["no:address", "no:address"],
    ["::1]/x", "::1]/x"],
  ])("%s is counted by %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });

  it("is the first four groups, whatever the others are and however the address is spelled", () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), fc.boolean(), (groups, padded) => {
        fc.pre(!(groups.slice(0, 5).every((part) => part === 0) && groups[5] === 0xffff));
        const hex = groups.map((part) => part.toString(16).padStart(padded ? 4 : 1, "0"));
        const network = groups.slice(0, 4).map((part) => part.toString(16));
        expect(addressKey(hex.join(":").toUpperCase())).toBe(`${network.join(":")}::/64`);
        const short = [...hex.slice(0, 4), "", "1"].join(":");
        expect(addressKey(short)).toBe(`${network.join(":")}::/64`);
      }),
    );
  });

  it("takes any text", () => {
    fc.assert(fc.property(fc.string(), (text) => void addressKey(text)));
    fc.assert(fc.property(fc.stringMatching(/^[0-9a-f:.\]/]{1,12}$/), (text) => void addressKey(text)));
  });
});
