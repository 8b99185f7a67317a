/** What has passed through `fetch` since the watch began. */
interface Watched extends Disposable {
  /** The most calls that were open at a time. */
  peak: number;
  /** The length of the longest body that was sent as a text, bytes. */
  longestRequest: number;
  /** The length of the longest answer, bytes. */
  longestAnswer: number;
}

const encoder = new TextEncoder();

/** Watches every call out of this isolate until it is disposed of. A call is open until its body has been read. */
export function watchFetch(): Watched {
  const real = globalThis.fetch;
  let open = 0;
  const watched: Watched = {
    peak: 0,
    longestRequest: 0,
    longestAnswer: 0,
    [Symbol.dispose]: () => void (globalThis.fetch = real),
  };
  globalThis.fetch = async (input, init) => {
    watched.peak = Math.max(watched.peak, ++open);
    if (typeof init?.body === "string")
      watched.longestRequest = Math.max(watched.longestRequest, encoder.encode(init.body).byteLength);
    try {
      const response = await real(input, init);
      const body = await response.arrayBuffer();
      watched.longestAnswer = Math.max(watched.longestAnswer, body.byteLength);
      return new Response(body, response);
    } finally {
      open--;
    }
  };
  return watched;
}
