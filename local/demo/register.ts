import { z } from "zod";
import type { Api } from "./api.ts";
import type { Person } from "./person.ts";
import { step } from "./step.ts";

const registeredSchema = z.object({ user: z.object({ email: z.string(), status: z.literal("pending") }) });

export function register(api: Api, person: Person): Promise<void> {
  return step("Register through the gateway", async () => {
    const { user } = await api.post("/api/v1/auth/register", person, 201, registeredSchema);
    if (user.email !== person.email) throw new Error(`registered ${user.email} instead of ${person.email}`);
    return { observed: `registered ${person.email}`, found: undefined };
  });
}
