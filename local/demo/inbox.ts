import { z } from "zod";

const mailSchema = z.object({ subject: z.string(), text: z.string(), html: z.string() });
const inboxSchema = z.object({ items: z.array(mailSchema) });
export type ReceivedMail = z.output<typeof mailSchema>;

/** The mails to an address in the local inbox, newest first. */
export async function mailsTo(inboxUrl: string, address: string): Promise<ReceivedMail[]> {
  const response = await fetch(`${inboxUrl}/api/messages?to=${encodeURIComponent(address)}`, {
    signal: AbortSignal.timeout(5_000),
  });
  return inboxSchema.parse(await response.json()).items;
}
