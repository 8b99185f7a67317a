import { createConnection, type Socket } from "node:net";

const OPCODE = { text: 0x1, close: 0x8 } as const;
const HEAD_END = Buffer.from("\r\n\r\n");

/** A masked text frame. Its key is zero: the same bytes on the wire as another key costs, and no work for the client. */
function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const long = payload.length > 125;
  const head = Buffer.alloc(long ? 8 : 6);
  head[0] = 0x80 | OPCODE.text;
  head[1] = 0x80 | (long ? 126 : payload.length);
  if (long) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** Length of the frame that begins at `from` and of its head; undefined while too little of it is there. */
function sizeAt(data: Buffer, from: number): { head: number; payload: number } | undefined {
  const short = (data[from + 1] ?? 0) & 0x7f;
  const head = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (data.length < from + head) return undefined;
  if (short === 126) return { head, payload: data.readUInt16BE(from + 2) };
  return { head, payload: short === 127 ? Number(data.readBigUInt64BE(from + 2)) : short };
}

/** A WebSocket client that does nothing but read frames: it must cost less than the servers that it measures. */
export class RawSocket {
  onText: (payload: Buffer) => void = () => {};
  onClose: (reason: string) => void = () => {};
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #open = true;

  private constructor(socket: Socket, onText: (payload: Buffer) => void) {
    this.#socket = socket;
    this.onText = onText;
  }

  /** @throws Error when the server does not answer with 101 */
  static open(
    url: URL,
    headers: Record<string, string>,
    onText: (payload: Buffer) => void,
  ): Promise<RawSocket> {
    const socket = createConnection({ host: url.hostname, port: Number(url.port), noDelay: true });
    const lines = Object.entries({
      host: url.host,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": Buffer.from(crypto.randomUUID().slice(0, 16)).toString("base64"),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}\r\n`);
    return new Promise((opened, failed) => {
      let answer = Buffer.alloc(0);
      const read = (chunk: Buffer): void => {
        answer = Buffer.concat([answer, chunk]);
        const end = answer.indexOf(HEAD_END);
        if (end < 0) return;
        const head = answer.toString("latin1", 0, end);
        if (!head.startsWith("HTTP/1.1 101")) return failed(new Error(`${url.pathname}: ${head}`));
        socket.off("data", read);
        const made = new RawSocket(socket, onText);
        socket.on("data", (data) => made.#read(data));
        socket.once("close", () => made.#closed("cut"));
        opened(made);
        made.#read(answer.subarray(end + HEAD_END.length));
      };
      socket.on("data", read);
      socket.on("error", failed);
    });
  }

  send(text: string): void {
    this.#socket.write(frameOf(text));
  }

  end(): void {
    this.#open = false;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    while (data.length >= from + 2) {
      const size = sizeAt(data, from);
      if (size === undefined || data.length < from + size.head + size.payload) break;
      const opcode = (data[from] ?? 0) & 0x0f;
      const payload = data.subarray(from + size.head, from + size.head + size.payload);
      if (opcode === OPCODE.text) this.onText(payload);
      else if (opcode === OPCODE.close)
        this.#closed(`${payload.readUInt16BE(0)} ${payload.toString("utf8", 2)}`);
      from += size.head + size.payload;
    }
    this.#rest = data.subarray(from);
  }

  #closed(reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.onClose(reason);
  }
}
