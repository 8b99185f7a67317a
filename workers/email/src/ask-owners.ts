import type { Context } from "@souk/kit/context";
import type { Contact, LinkPurpose } from "@souk/kit/rpc";
import { callTimeout } from "@souk/kit/resilience";
import { traceparent } from "@souk/kit/trace";
import type { Env } from "./env.ts";

/** The person's names and address, from `auth`; null when there is no such account. */
export const contactOf = (context: Context<Env>, userId: string): Promise<Contact | null> =>
  callTimeout.execute(() => context.env.AUTH.contact(userId, traceparent(context.trace)));

/** The person's names and the address that they left last, from `auth`; null when there is none. */
export const formerContactOf = (context: Context<Env>, userId: string): Promise<Contact | null> =>
  callTimeout.execute(() => context.env.AUTH.formerContact(userId, traceparent(context.trace)));

/** A new one-time link with its receiver, from `auth`; null when nothing is left to do. */
export const linkFor = (
  context: Context<Env>,
  userId: string,
  purpose: LinkPurpose,
): Promise<(Contact & { url: string }) | null> =>
  callTimeout.execute(() => context.env.AUTH.mintLink(userId, purpose, traceparent(context.trace)));

/** What the mail of a sign-in carries, with its receiver, from `auth`; null when it is over. */
export const mailSignInFor = (
  context: Context<Env>,
  mailSignInId: string,
): Promise<(Contact & { url: string; code: string }) | null> =>
  callTimeout.execute(() => context.env.AUTH.mintMailSignIn(mailSignInId, traceparent(context.trace)));

/** Whether the person wants mails of this type, from `notifications`. */
export const wantsEmail = async (context: Context<Env>, userId: string, type: string): Promise<boolean> =>
  (
    await callTimeout.execute(() =>
      context.env.NOTIFICATIONS.channels(userId, type, traceparent(context.trace)),
    )
  ).email;
