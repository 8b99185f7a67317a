import type { Souk } from "@souk/client";
import type { Person } from "./person.ts";
import { step } from "./step.ts";

export function logIn(souk: Souk, { email, password }: Person): Promise<void> {
  return step("Log in", async () => {
    const { data } = await souk.POST("/api/v1/auth/login", { body: { email, password } });
    if ("challenge" in data) throw new Error("A second factor is asked of someone who has none");
    souk.setTokens(data);
    return { observed: `logged in for ${data.expiresIn} s`, found: undefined };
  });
}
