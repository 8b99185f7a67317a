import { z } from "zod";
import type { Api } from "./api.ts";
import { step } from "./step.ts";

const createdSchema = z.object({ id: z.string() });
const historySchema = z.object({ items: z.array(z.looseObject({ id: z.string() })) });

/** Creates "XAU/USD above N" and returns the alert's id. */
export function createAlert(api: Api, threshold: string): Promise<string> {
  return step("Create the alert", async () => {
    const { id } = await api.post(
      "/api/v1/alerts",
      { metal: "XAU", currency: "USD", type: "above", threshold },
      201,
      createdSchema,
    );
    return { observed: `the alert "XAU/USD above ${threshold}" was created`, found: id };
  });
}

/** How often the alert has fired. */
export async function timesFired(api: Api, alertId: string): Promise<number> {
  return (await api.get(`/api/v1/alerts/${alertId}/history`, historySchema)).items.length;
}
