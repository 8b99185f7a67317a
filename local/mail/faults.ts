import { z } from "zod";

/**
 * How the mail server misbehaves:
 * - refuse: the connection is closed before a greeting
 * - late-greeting: the greeting comes after `delayMs`
 * - reject-recipient: every recipient, or only the one in `to`, is refused for good (550)
 * - temporary-failure: every message is refused for now (451)
 * - stall: the message is taken and never answered
 * - drop-during-data: the connection is cut when a part of the message has come; nothing is kept
 * - drop-after-data: the message is kept, but the connection is cut before the sender is told
 */
export const mailFaultSchema = z.object({
  mode: z.enum([
    "none",
    "refuse",
    "late-greeting",
    "reject-recipient",
    "temporary-failure",
    "stall",
    "drop-during-data",
    "drop-after-data",
  ]),
  delayMs: z.int().min(0).max(60_000).default(2000),
  to: z.string().optional(),
});
export type MailFault = z.output<typeof mailFaultSchema>;
