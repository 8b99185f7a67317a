import type { z } from "zod";
import type { EventsStatus } from "../../workers/events/src/schemas.ts";
import type { PricesStatus } from "../../workers/alerts/src/schemas.ts";
import type { EmailPage } from "../../workers/email/src/schemas.ts";
import type { Readiness } from "../../workers/gateway/src/schemas.ts";
import { type Finding, ill, well } from "./finding.ts";

const MINUTE_MS = 60_000;

/** The sweep runs each minute; an event that is older has been passed over twice. */
const BACKLOG_MS = 2 * MINUTE_MS;
/** How far back a mail that failed for good is news. */
const NEWS_MS = 60 * MINUTE_MS;
/** How far clocks may be apart: tokens are accepted with this tolerance. */
const CLOCK_MS = 5_000;

/** How long ago, in words. */
function ago(at: string, now: Date): string {
  const minutes = Math.round((now.getTime() - Date.parse(at)) / MINUTE_MS);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}

export function judgeReadiness({ workers }: Readiness): Finding[] {
  return Object.entries(workers).map(([name, { ready, ms }]) =>
    ready
      ? well(name, `answers, its database too, in ${ms} ms`)
      : ill(
          name,
          "does not answer, or cannot reach its database. Read its log for `not ready`; is DATABASE_URL right?",
        ),
  );
}

export function judgeEvents(
  { unsent, oldestUnsentAt, openDeadLetters }: z.infer<typeof EventsStatus>,
  now: Date,
): Finding[] {
  const late = oldestUnsentAt !== null && now.getTime() - Date.parse(oldestUnsentAt) > BACKLOG_MS;
  return [
    late
      ? ill(
          "event log",
          `${unsent} events wait to be sent, the oldest for ${ago(oldestUnsentAt, now)}. Does the cron of \`events\` run, and do its queues exist?`,
        )
      : well("event log", unsent === 0 ? "nothing waits to be sent" : `${unsent} events are on their way`),
    openDeadLetters > 0
      ? ill(
          "dead letters",
          `${openDeadLetters} messages were given up by their consumer. See docs/runbooks/replay-dead-letters.md.`,
        )
      : well("dead letters", "none"),
  ];
}

type Source = z.infer<typeof PricesStatus>["sources"][number];

function judgeSource({ name, everyMinutes, polledAt, failure }: Source, now: Date | null): Finding {
  const part = `source ${name}`;
  if (polledAt === null) return ill(part, "has never been asked. Does the cron of `alerts` run?");
  if (failure !== null)
    return ill(part, `failed in the last poll: ${failure}. See docs/runbooks/a-price-source-is-down.md.`);
  if (now !== null && now.getTime() - Date.parse(polledAt) > (2 * everyMinutes + 5) * MINUTE_MS)
    return ill(part, `was last asked ${ago(polledAt, now)} ago. Does the cron of \`alerts\` run?`);
  return well(part, "answers");
}

/** @param now null where the prices are a replay of the past, whose age says nothing */
export function judgePrices(
  { sources, prices, unevaluated }: z.infer<typeof PricesStatus>,
  now: Date | null,
): Finding[] {
  const none =
    sources.length === 0 ? [ill("price sources", "none is switched on: no key is set in `alerts`.")] : [];
  const ages = prices.map(({ metal, currency, quotedAt, isStale }) => {
    const part = `price ${metal}/${currency}`;
    if (quotedAt === null) return ill(part, "is not known yet. Does the cron of `alerts` run?");
    if (now === null) return well(part, `is known; it is replayed from ${quotedAt.slice(0, 10)}`);
    return isStale
      ? ill(
          part,
          `is ${ago(quotedAt, now)} old: markets are closed, or see docs/runbooks/a-price-source-is-down.md.`,
        )
      : well(part, `is ${ago(quotedAt, now)} old`);
  });
  const alerts =
    unevaluated > 1
      ? ill("alert evaluation", `is behind by ${unevaluated} prices. Read the log of \`alerts\`.`)
      : well("alert evaluation", "is up to date");
  return [...none, ...sources.map((source) => judgeSource(source, now)), ...ages, alerts];
}

/**
 * @param waiting the newest mails that are being sent or wait for another try
 * @param failed the newest that were given up
 */
export function judgeMail(waiting: EmailPage, failed: EmailPage, now: Date): Finding {
  const delayed = waiting.items.filter(({ lastError }) => lastError !== null);
  const lost = failed.items.filter(({ updatedAt }) => now.getTime() - Date.parse(updatedAt) < NEWS_MS);
  const reason = [...delayed, ...lost][0]?.lastError;
  if (delayed.length + lost.length === 0) return well("mail", "nothing is delayed, nothing failed");
  const many = waiting.nextCursor === null ? "" : " or more";
  return ill(
    "mail",
    `${delayed.length}${many} mails wait for another try, ${lost.length} failed within the hour; the newest because of ${reason}. ` +
      "See docs/runbooks/the-mail-provider-is-down.md.",
  );
}

/** @param away how far the other clock is ahead of ours, milliseconds */
export function judgeClock(part: string, away: number): Finding {
  const seconds = (Math.abs(away) / 1000).toFixed(1);
  return Math.abs(away) > CLOCK_MS
    ? ill(
        part,
        `is ${seconds} s ${away > 0 ? "ahead of" : "behind"} this machine's. Which of the two is wrong?`,
      )
    : well(part, "agrees with this machine's");
}
