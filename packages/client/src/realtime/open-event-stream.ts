import type { Connection, ConnectionHandlers } from "./open-web-socket.ts";

/** What keeps a quiet stream open is a comment: a sign of life, as `pong` is. */
const SIGN_OF_LIFE = JSON.stringify({ type: "pong" });

const field = (block: string, name: string): string | undefined =>
  block
    .split("\n")
    .find((line) => line.startsWith(`${name}: `))
    ?.slice(name.length + 2);

/** Reads a stream to its end. Returns how it ended. */
async function follow(
  url: string,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<{ code: number; reason: string }> {
  const { ok, status, body } = await fetch(url, { headers: { accept: "text/event-stream" }, signal });
  if (!ok || body === null) return { code: 1006, reason: `answered ${status}` };
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return { code: 1006, reason: "the stream has ended" };
    const blocks = (text + value).split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = field(block, "data");
      // The server keeps to its document, as its own tests show.
      if (data !== undefined && field(block, "event") === "close")
        return JSON.parse(data) as { code: number; reason: string };
      onText(data ?? SIGN_OF_LIFE);
    }
  }
}

/** Opens a stream of server-sent events, over which nothing can be said. It tells what a socket tells, with the same codes. */
export function openEventStream(url: string, handlers: ConnectionHandlers): Connection {
  const abort = new AbortController();
  follow(url, abort.signal, handlers.onText).then(
    ({ code, reason }) => handlers.onClose(code, reason),
    (error: unknown) => handlers.onClose(1006, String(error)),
  );
  return { send: () => {}, close: () => abort.abort() };
}
