import type { Souk } from "@souk/client";
import { step } from "./step.ts";

/** Creates "XAU/USD above N" and returns the alert's id. */
export function createAlert(souk: Souk, threshold: string): Promise<string> {
  return step("Create the alert", async () => {
    const { data } = await souk.POST("/api/v1/alerts", {
      body: { metal: "XAU", currency: "USD", type: "above", threshold },
    });
    return { observed: `the alert "XAU/USD above ${threshold}" was created`, found: data.id };
  });
}

/** How often the alert has fired. */
export async function timesFired(souk: Souk, alertId: string): Promise<number> {
  const { data } = await souk.GET("/api/v1/alerts/{id}/history", { params: { path: { id: alertId } } });
  return data.items.length;
}
