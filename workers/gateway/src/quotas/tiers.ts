import { z } from "zod";

/** Requests a minute by tier (S3-GW-08..10): the variable QUOTAS. */
export const Quotas = z.object({
  anonymous: z.int().min(1),
  authenticated: z.int().min(1),
  premium: z.int().min(1),
});
export type Tier = keyof z.infer<typeof Quotas>;

const TIER_OF_ROLE: Readonly<Partial<Record<string, Tier>>> = { premium: "premium" };

/** The tier of a person with this role. */
export const tierOf = (role: string): Tier => TIER_OF_ROLE[role] ?? "authenticated";
