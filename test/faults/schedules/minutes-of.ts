import { START } from "./world.ts";

/** Minutes since a schedule began. */
export const minutesOf = (at: Date): number => (at.getTime() - START) / 60_000;
