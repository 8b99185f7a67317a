/** What the doctor found about one part of the platform, in words. `unknown`: it could not look. */
export interface Finding {
  part: string;
  state: "well" | "ill" | "unknown";
  says: string;
}

export const well = (part: string, says: string): Finding => ({ part, state: "well", says });
export const ill = (part: string, says: string): Finding => ({ part, state: "ill", says });
export const unknown = (part: string, says: string): Finding => ({ part, state: "unknown", says });
