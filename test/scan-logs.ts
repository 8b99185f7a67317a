import { afterAll, expect } from "vitest";
import { allMails } from "./http.ts";
import { startedPlatform } from "./platform.ts";
import { rememberedSecrets } from "./remembered-secrets.ts";

/** What a mail must not leave in a log: its first words, and the token of its link. */
const tracesOf = (text: string): string[] => [
  text.slice(0, 80),
  ...[...text.matchAll(/token=([\w-]{20,})/g)].flatMap(([, token]) => token ?? []),
];

/** After each test file: everything that the Workers have logged so far, against everything that is nobody else's business. */
afterAll(async () => {
  const platform = await startedPlatform();
  if (platform === undefined) return;
  const logs = platform.harness
    .getLogs()
    .map(({ message }) => message)
    .join("\n");
  const mails = await allMails();
  const { jwtKeys, refreshKeys, priceKeys } = platform.secrets;
  const secrets = [
    ...rememberedSecrets,
    ...mails.flatMap(({ text }) => tracesOf(text)),
    ...jwtKeys.map(({ d }) => String(d)),
    ...refreshKeys,
    ...Object.values(priceKeys),
  ];
  const seen = secrets.filter((secret) => logs.includes(secret));
  expect(seen, "secrets in the logs").toEqual([]);
  expect(logs).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/);
  expect(logs).not.toMatch(/(token|ticket)=[\w.-]{20,}/);
  expect(logs).not.toMatch(/\$scrypt\$|-----BEGIN/);
});
