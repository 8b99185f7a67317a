import { exports } from "cloudflare:workers";
import { expect, it } from "vitest";
import { tell } from "../../test/domain-workers.ts";
import { accessToken, publish, signingKey } from "../../test/tokens.ts";

it("answers 503, not 401, while no keys were ever read, and recovers at once", async () => {
  const key = await signingKey("first");
  const call = async () =>
    exports.default.fetch("https://souk.test/api/v1/users/me", {
      headers: { authorization: `Bearer ${await accessToken(key)}` },
    });
  await tell("auth", { fail: "throw" });
  expect((await call()).status).toBe(503);
  await tell("auth", { jwks: { keys: [{ kty: "RSA" }] } });
  expect((await call()).status).toBe(503);
  await publish(key);
  expect((await call()).status).toBe(200);
});
