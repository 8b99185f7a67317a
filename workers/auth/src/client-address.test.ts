import { expect, it } from "vitest";
import { clientAddress } from "./client-address.ts";

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
