import { expect, it, vi } from "vitest";
import { createContext } from "./context.ts";

const [userId, impersonatedBy, sessionId] = [
  crypto.randomUUID(),
  crypto.randomUUID(),
  crypto.randomUUID(),
] as const;

it("has each line of who acts as somebody name both", () => {
  const write = vi.spyOn(console, "warn").mockImplementation(() => {});
  const person = { userId, email: "ada@example.com", role: "user" as const, sessionId };
  for (const actor of [person, { ...person, impersonatedBy }])
    createContext(
      { VERSION: "1", LOG_LEVEL: "info" as const },
      { service: "test", waitUntil: () => {}, actor },
    ).log.warn("something");
  const [own, acted] = write.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown);
  write.mockRestore();
  expect(own).not.toHaveProperty("impersonatedBy");
  expect(acted).toMatchObject({ message: "something", userId, impersonatedBy });
});
