import { REQUEST_ID_HEADER } from "@souk/kit/app";

const SANE = /^[A-Za-z0-9._-]{1,64}$/;

/** The id that the caller chose for its request, when it is one that may stand in a log and a header. */
export function inboundRequestId(headers: Headers): string | undefined {
  const id = headers.get(REQUEST_ID_HEADER);
  return id !== null && SANE.test(id) ? id : undefined;
}
