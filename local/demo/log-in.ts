import { z } from "zod";
import type { Api } from "./api.ts";
import type { Person } from "./person.ts";
import { step } from "./step.ts";

const sessionSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresIn: z.literal(3600),
  tokenType: z.literal("Bearer"),
  user: z.object({ email: z.string(), status: z.literal("active") }),
});

export function logIn(api: Api, { email, password }: Person): Promise<void> {
  return step("Log in", async () => {
    const session = await api.post("/api/v1/auth/login", { email, password }, 200, sessionSchema);
    api.authenticate(session.accessToken);
    return { observed: `logged in for ${session.expiresIn} s`, found: undefined };
  });
}
