import { consume } from "@souk/kit/consumer";
import { runCrons } from "@souk/kit/cron";
import { app } from "./app.ts";
import { accountLocked } from "./consumers/account-locked.ts";
import { addressChangeRequested } from "./consumers/address-change-requested.ts";
import { addressChanged } from "./consumers/address-changed.ts";
import { alertTriggered } from "./consumers/alert-triggered.ts";
import { deletionRequested } from "./consumers/deletion-requested.ts";
import { erasureRequested } from "./consumers/erasure-requested.ts";
import { exportRequested } from "./consumers/export-requested.ts";
import { identityChanged } from "./consumers/identity-changed.ts";
import { mailSignInRequested } from "./consumers/mail-sign-in-requested.ts";
import { passwordChanged } from "./consumers/password-changed.ts";
import { passwordResetRequested } from "./consumers/password-reset-requested.ts";
import { registrationRepeated } from "./consumers/registration-repeated.ts";
import { securityChanged } from "./consumers/security-changed.ts";
import { sessionOpened } from "./consumers/session-opened.ts";
import { userRegistered } from "./consumers/user-registered.ts";
import { userVerified } from "./consumers/user-verified.ts";
import { pruneJob } from "./crons/prune.ts";
import { withBatchMailer } from "./delivery/batch-mailer.ts";
import { Env } from "./env.ts";

export default {
  fetch: app.fetch,
  queue: withBatchMailer(
    consume(Env, {
      service: "email",
      handlers: {
        "user.registered": userRegistered,
        "verification.requested": userRegistered,
        "user.registration_repeated": registrationRepeated,
        "user.verified": userVerified,
        "password.reset_requested": passwordResetRequested,
        "mail_sign_in.requested": mailSignInRequested,
        "password.changed": passwordChanged,
        "session.opened": sessionOpened,
        "account.locked": accountLocked,
        "second_factor.enabled": securityChanged,
        "second_factor.disabled": securityChanged,
        "recovery_code.used": securityChanged,
        "recovery_codes.renewed": securityChanged,
        "api_key.created": securityChanged,
        "api_key.rolled": securityChanged,
        "passkey.added": securityChanged,
        "passkey.removed": securityChanged,
        "alert.triggered": alertTriggered,
        "address.change_requested": addressChangeRequested,
        "address.changed": addressChanged,
        "identity.linked": identityChanged,
        "identity.unlinked": identityChanged,
        "account.deletion_requested": deletionRequested,
        "person.erasure_requested": erasureRequested,
        "person.export_requested": exportRequested,
        "person.export_continued": exportRequested,
      },
      attempts: 12,
      maxDelay: 3_600,
    }),
  ),
  scheduled: runCrons(Env, "email", { "47 * * * *": pruneJob }),
} satisfies ExportedHandler<object>;
