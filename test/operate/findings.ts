import { examine } from "../../local/doctor/examine.ts";
import type { Finding } from "../../local/doctor/finding.ts";
import type { Person } from "../person.ts";

/** What the doctor finds, by part. */
export async function findings(
  url: string,
  { email, password }: Person,
  databaseUrl: string,
): Promise<Map<string, Finding>> {
  const found = await examine({ url, admin: { email, password }, databaseUrl, replayed: true });
  return new Map(found.map((finding) => [finding.part, finding]));
}
