import { z } from "zod";

const Mails = z.object({
  items: z.array(
    z.object({
      to: z.array(z.string()),
      subject: z.string(),
      messageId: z.string(),
      text: z.string(),
      html: z.string(),
      headers: z.array(z.object({ name: z.string(), value: z.string() })),
    }),
  ),
});

/** The HTTP side of a test's mail server. */
export const inboxAt = (url: string) => ({
  /** The mails that reached an address. */
  mailsTo: async (address: string) =>
    Mails.parse(await (await fetch(`${url}/api/messages?to=${encodeURIComponent(address)}`)).json()).items,
  /** How it misbehaves from now on, see local/mail/faults.ts. */
  setFault: async (mode: string) => {
    const response = await fetch(`${url}/api/faults`, { method: "PUT", body: JSON.stringify({ mode }) });
    if (!response.ok) throw new Error(`${mode}: ${response.status} ${await response.text()}`);
    await response.body?.cancel();
  },
});
