import { exportSpan } from "@souk/kit/span-export";
import type { Observer } from "@souk/kit/request-context";
import type { Env } from "./env.ts";
import { countBegin, countEnd } from "./metrics/isolate.ts";

/** Counts each request and, where a collector is configured, makes a span of it. */
export const observer: Observer<Env> = {
  begin: countBegin,
  end: (context, answer, request) => {
    countEnd(context, answer);
    if (context.env.OTLP_ENDPOINT !== "") exportSpan(context, answer, request);
  },
};
