/** Lowest and highest value of the five fields; day of week as Cloudflare counts it: Sunday is 1. */
const FIELDS = [
  { name: "minute", low: 0, high: 59 },
  { name: "hour", low: 0, high: 23 },
  { name: "day of month", low: 1, high: 31 },
  { name: "month", low: 1, high: 12 },
  { name: "day of week", low: 1, high: 7 },
] as const;

/**
 * Whether a cron expression of five fields names this minute (UTC). A field is a list of `*`, a step of it, `n` or `n-m`.
 * @throws Error when the expression holds anything else, or both a day of month and a day of week
 */
export function cronMatches(expression: string, at: Date): boolean {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== FIELDS.length)
    throw new Error(`Cron expression ${expression} does not have five fields`);
  if (fields[2] !== "*" && fields[4] !== "*")
    throw new Error(`Cron expression ${expression} names both a day of month and a day of week`);
  const values = [
    at.getUTCMinutes(),
    at.getUTCHours(),
    at.getUTCDate(),
    at.getUTCMonth() + 1,
    at.getUTCDay() + 1,
  ];
  const matches = FIELDS.map((field, place) => fieldMatches(fields[place] ?? "", values[place] ?? -1, field));
  return matches.every(Boolean);
}

function fieldMatches(text: string, value: number, { name, low, high }: (typeof FIELDS)[number]): boolean {
  const parts = text.split(",").map((part) => {
    const [, any, first, last, step] = /^(?:(\*)|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part) ?? [];
    const from = any ? low : Number(first);
    const to = any ? high : Number(last ?? first);
    const every = Number(step ?? 1);
    // A single number with a step means different things to different crons.
    const strange = step !== undefined && !any && last === undefined;
    if (!(from >= low && from <= to && to <= high && every > 0) || strange)
      throw new Error(`Cron field ${text} is no ${name}`);
    return value >= from && value <= to && (value - from) % every === 0;
  });
  return parts.some(Boolean);
}
