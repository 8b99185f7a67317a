import type { z } from "zod";
import { accountLocked } from "./account-locked.ts";
import { accountDeletion } from "./account-deletion.ts";
import { addressAlreadyKnown } from "./address-already-known.ts";
import { addressChanged } from "./address-changed.ts";
import { identityLinked } from "./identity-linked.ts";
import { identityUnlinked } from "./identity-unlinked.ts";
import { joinEmail } from "./join-email.ts";
import { leaveEmail } from "./leave-email.ts";
import { alertTriggered } from "./alert-triggered.ts";
import { checkContent } from "./check-template.ts";
import { newDevice } from "./new-device.ts";
import { passwordChanged } from "./password-changed.ts";
import { resetPassword } from "./reset-password.ts";
import { securityChange } from "./security-change.ts";
import { signIn } from "./sign-in.ts";
import { verifyEmail } from "./verify-email.ts";
import { welcome } from "./welcome.ts";

/** Every kind of mail. What stands in the code is version 1; an admin's versions are in the database. */
export const TEMPLATES = {
  "verify-email": verifyEmail,
  "address-already-known": addressAlreadyKnown,
  welcome,
  "reset-password": resetPassword,
  "sign-in": signIn,
  "password-changed": passwordChanged,
  "new-device": newDevice,
  "account-locked": accountLocked,
  "security-change": securityChange,
  "alert-triggered": alertTriggered,
  "account-deletion": accountDeletion,
  "leave-email": leaveEmail,
  "join-email": joinEmail,
  "address-changed": addressChanged,
  "identity-linked": identityLinked,
  "identity-unlinked": identityUnlinked,
} as const;

export type TemplateName = keyof typeof TEMPLATES;
export type VariablesOf<N extends TemplateName> = z.input<(typeof TEMPLATES)[N]["variables"]>;

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as [TemplateName, ...TemplateName[]];
export const BUILT_IN_VERSION = 1;

for (const [name, template] of Object.entries(TEMPLATES)) {
  const [problem] = checkContent(template, template);
  if (problem) throw new Error(`Template ${name}: ${problem.field} ${problem.message}`);
}
