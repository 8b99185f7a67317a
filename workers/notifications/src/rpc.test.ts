import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { consumeAll, switched } from "../test/deliveries.ts";
import { person } from "../test/person.ts";
import { NotificationsRpc } from "./rpc.ts";

/** The entrypoint as a binding with these props reaches it. */
const boundBy = (caller?: string) =>
  new NotificationsRpc(
    Object.assign(createExecutionContext(), { props: caller === undefined ? {} : { caller } }),
    env,
  );

describe("channels", () => {
  it("follow the person's choice, except for what concerns security or the account", async () => {
    const ada = person();
    const email = boundBy("email");
    expect(await email.channels(ada.userId, "alert.triggered")).toEqual({
      inApp: true,
      email: true,
      push: true,
    });
    await ada.call("PUT", "/notifications/preferences", { email: false });
    expect(await email.channels(ada.userId, "alert.triggered")).toEqual({
      inApp: true,
      email: false,
      push: true,
    });
    await consumeAll(switched(ada.userId, false, "2026-10-01T12:00:00.000Z"));
    expect(await email.channels(ada.userId, "alert.triggered")).toEqual({
      inApp: false,
      email: false,
      push: false,
    });
    for (const type of ["password.changed", "password.reset_requested", "user.registered", "user.verified"]) {
      expect(await email.channels(ada.userId, type)).toMatchObject({ email: true });
    }
  });

  it.each([undefined, "alerts", "gateway"])("are not told to caller %s", async (caller) => {
    await expect(boundBy(caller).channels(person().userId, "alert.triggered")).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("are told for ids only", async () => {
    await expect(boundBy("email").channels("' OR 1=1", "alert.triggered")).rejects.toThrow();
  });
});
