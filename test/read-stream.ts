import { ServerFrame, type SingleFrame } from "@souk/kit/realtime/frames";

/** One server-sent event: its id, its name and the frame or other JSON that is its data. */
interface StreamEvent {
  id: string | undefined;
  event: string | undefined;
  data: unknown;
}

const field = (block: string, name: string): string | undefined =>
  block
    .split("\n")
    .find((line) => line.startsWith(`${name}: `))
    ?.slice(name.length + 2);

/** Reads a stream event by event, as an EventSource does. */
export function readStream(answer: Response) {
  if (answer.body === null) throw new Error("No stream");
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let id: string | undefined;
  /** The next event; undefined when the stream is over. */
  const next = async (): Promise<StreamEvent | undefined> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end === -1) {
        const { value, done } = await reader.read();
        if (done) return undefined;
        text += value;
        continue;
      }
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const data = field(block, "data");
      id = field(block, "id") ?? id;
      if (data !== undefined) return { id, event: field(block, "event"), data: JSON.parse(data) };
    }
  };
  /** The frames up to the first that is meant, and the cursor after it. */
  const until = async (
    meant: (frame: SingleFrame) => boolean,
  ): Promise<{ frames: SingleFrame[]; id: string }> => {
    const frames: SingleFrame[] = [];
    for (;;) {
      const event = await next();
      if (event === undefined) throw new Error("The stream is over");
      const frame = ServerFrame.parse(event.data);
      if (frame.type === "batch") throw new Error("A stream has no batches");
      frames.push(frame);
      if (meant(frame)) return { frames, id: event.id ?? "" };
    }
  };
  return { next, until, cancel: () => reader.cancel() };
}
