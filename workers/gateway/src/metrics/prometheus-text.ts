import { BUCKETS, type Series } from "./batch.ts";

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

const labels = (values: Record<string, string | number>): string =>
  `{${Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(String(value))}"`)
    .join(",")}}`;

/** The histogram of a method and route, whatever the statuses were. */
function byRoute(all: readonly Series[]): Series[] {
  const merged = new Map<string, Series>();
  for (const series of all) {
    const key = `${series.method} ${series.route}`;
    const sum = merged.get(key);
    if (sum === undefined) merged.set(key, { ...series, buckets: [...series.buckets] });
    else {
      sum.count += series.count;
      sum.seconds += series.seconds;
      sum.buckets = sum.buckets.map((count, at) => count + (series.buckets[at] ?? 0));
    }
  }
  return [...merged.values()];
}

function* histogram({ method, route, count, seconds, buckets }: Series): Generator<string> {
  const name = "http_request_duration_seconds";
  let below = 0;
  for (const [at, bound] of [...BUCKETS, "+Inf"].entries()) {
    below += buckets[at] ?? 0;
    yield `${name}_bucket${labels({ method, route, le: bound })} ${below}`;
  }
  yield `${name}_sum${labels({ method, route })} ${seconds}`;
  yield `${name}_count${labels({ method, route })} ${count}`;
}

/** Metrics in the text format of Prometheus, version 0.0.4 (S3-OBS-01..03, S3-OBS-05). */
export function prometheusText(all: readonly Series[], active: number): string {
  const lines = [
    "# HELP http_requests_total Requests that the gateway answered.",
    "# TYPE http_requests_total counter",
    ...all.map(
      ({ method, route, status, count }) =>
        `http_requests_total${labels({ method, route, status_code: status })} ${count}`,
    ),
    "# HELP http_request_duration_seconds How long the answers took.",
    "# TYPE http_request_duration_seconds histogram",
    ...byRoute(all).flatMap((series) => [...histogram(series)]),
    "# HELP active_connections Requests that were being answered when their isolates last reported.",
    "# TYPE active_connections gauge",
    `active_connections ${active}`,
  ];
  return `${lines.join("\n")}\n`;
}
