import { binding, DatabaseEnv, RetrySeconds } from "@souk/kit/config";
import type { DeadLetter } from "@souk/kit/events";
import type { AuthService, EventsService, NotificationsService } from "@souk/kit/rpc";
import { z } from "zod";
import { Sender } from "./delivery/sender.ts";

const LOOPBACK = ["127.0.0.1", "::1", "localhost"];

/** The email Worker's environment. Mail in clear and without a login goes nowhere but to this machine. */
export const Env = DatabaseEnv.extend({
  SMTP_HOST: z.string().min(1),
  SMTP_PORT: z.coerce.number().int().min(1).max(65_535),
  SMTP_TLS: z.enum(["starttls", "implicit", "none"]),
  SMTP_USER: z.string(),
  SMTP_PASSWORD: z.string(),
  MAIL_FROM: Sender,
  PUBLIC_URL: z.url({ protocol: /^https?$/ }),
  EVENTS: binding<EventsService>(),
  AUTH: binding<AuthService>(),
  NOTIFICATIONS: binding<NotificationsService>(),
  DEAD_LETTERS: binding<Queue<DeadLetter>>(),
  RETRY_SECONDS: RetrySeconds,
})
  .refine((env) => env.SMTP_TLS !== "none" || LOOPBACK.includes(env.SMTP_HOST), {
    path: ["SMTP_TLS"],
    message: "none is for a mail server on this machine only; use starttls or implicit",
  })
  .refine((env) => (env.SMTP_USER !== "" && env.SMTP_PASSWORD !== "") || LOOPBACK.includes(env.SMTP_HOST), {
    path: ["SMTP_USER"],
    message: "SMTP_USER and SMTP_PASSWORD may be empty for a mail server on this machine only",
  });
export type Env = z.infer<typeof Env>;
