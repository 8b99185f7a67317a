/** Upper bounds of `http_request_duration_seconds` (S3-OBS-02); one bucket more has what took longer. */
export const BUCKETS = [0.1, 0.5, 1, 2, 5] as const;

/** The answers of one kind. */
export interface Series {
  method: string;
  /** A template, never the path itself. */
  route: string;
  status: number;
  count: number;
  seconds: number;
  /** How many fell into each bucket, not summed up. */
  buckets: number[];
}

/** What an isolate counted since its last batch. A batch that is sent again has the same number. */
export interface Batch {
  isolate: string;
  number: number;
  /** Requests that are being answered now. */
  active: number;
  series: Series[];
}
