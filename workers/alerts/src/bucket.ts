/** The poll's cron runs this often; each run fills one bucket. */
export const BUCKET_MINUTES = 5;

const BUCKET_MS = BUCKET_MINUTES * 60_000;

/** The start of the five minutes that a time lies in. */
export const bucketOf = (at: Date): Date => new Date(Math.floor(at.getTime() / BUCKET_MS) * BUCKET_MS);
