/** A position in a W3C trace: 16 byte trace id, 8 byte span id, both lower-case hex. */
export interface Trace {
  traceId: string;
  spanId: string;
  sampled: boolean;
}

/** The parts stand at fixed places; ids of zeros and the version ff are invalid. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;
const LENGTH = 55;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function randomHex(bytes: number): string {
  let hex = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(bytes))) hex += HEX[byte];
  return hex;
}

function parseTraceparent(header: string): Trace | undefined {
  if (!TRACEPARENT.test(header) || (header.startsWith("00") && header.length > LENGTH)) return undefined;
  const flags = Number.parseInt(header.slice(53, LENGTH), 16);
  return { traceId: header.slice(3, 35), spanId: header.slice(36, 52), sampled: (flags & 1) === 1 };
}

/** A new span below the caller's `traceparent`, or of a new trace where there is none or it is malformed (W3C Trace Context). */
export function startSpan(traceparent: string | null | undefined): Trace {
  const parent = traceparent ? parseTraceparent(traceparent) : undefined;
  return {
    traceId: parent?.traceId ?? randomHex(16),
    spanId: randomHex(8),
    sampled: parent?.sampled ?? true,
  };
}

/** The `traceparent` header that carries this span to the next hop. */
export const traceparent = (trace: Trace): string =>
  `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? "01" : "00"}`;
