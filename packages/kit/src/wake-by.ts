/** Has an object's alarm come at a time, in milliseconds since 1970, or before: one that is set for earlier stays. */
export async function wakeBy(
  storage: Pick<DurableObjectStorage, "getAlarm" | "setAlarm">,
  at: number,
): Promise<void> {
  const next = await storage.getAlarm();
  if (next === null || at < next) await storage.setAlarm(at);
}
