import { z } from "zod";

/** An app's origin: https, this machine's, or an Android app's by its certificate. */
const Origin = z.union([
  z
    .url()
    .refine((text) => URL.parse(text)?.origin === text, "is more than an origin")
    .refine(
      (text) => /^https:|^http:\/\/localhost(:\d+)?$/.test(text),
      "is neither https nor on this machine",
    ),
  z.string().regex(/^android:apk-key-hash:[\w-]{43}$/),
]);

/** PASSKEYS. */
export const Passkeys = z
  .strictObject({
    /** The domain that passkeys are bound to for good: one of another domain cannot be used any more. */
    rpId: z.string().regex(/^[a-z0-9.-]{1,253}$/),
    /** The apps that they are used in, on this domain or below it. */
    origins: z.tuple([Origin], Origin),
  })
  .refine(
    ({ rpId, origins }) =>
      origins.every(
        (origin) => origin.startsWith("android:") || `.${new URL(origin).hostname}`.endsWith(`.${rpId}`),
      ),
    "an origin is not on the domain",
  );
/** Where passkeys count. */
export type Passkeys = z.infer<typeof Passkeys>;
