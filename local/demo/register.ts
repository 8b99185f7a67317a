import type { Souk } from "@souk/client";
import type { Person } from "./person.ts";
import { step } from "./step.ts";

export function register(souk: Souk, person: Person): Promise<void> {
  return step("Register through the gateway", async () => {
    const { data } = await souk.POST("/api/v1/auth/register", { body: person });
    const { email, status } = data.user;
    if (email !== person.email || status !== "pending") throw new Error(`registered ${email} as ${status}`);
    return { observed: `registered ${person.email}`, found: undefined };
  });
}
