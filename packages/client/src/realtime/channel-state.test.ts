import fc from "fast-check";
import { expect, it } from "vitest";
import { ChannelState } from "./channel-state.ts";
import type { ControlFrame, SingleFrame } from "./frames.ts";

const CHANNEL = "chat";
const WINDOW = 6;

/** A server in plain arrays, and a wire that loses what it is told to. */
class Server {
  epoch = "one";
  published: number[] = [];
  wire: SingleFrame[] = [];

  publish(lost: boolean): void {
    this.published.push(Math.random());
    if (!lost) this.wire.push(this.#event(this.published.length));
  }

  /** The object begins anew. */
  restart(): void {
    this.epoch += "'";
    this.published = [];
  }

  position(): void {
    this.wire.push({ type: "position", channel: CHANNEL, epoch: this.epoch, offset: this.published.length });
  }

  subscribe(frame: ControlFrame): void {
    if (frame.type !== "subscribe") return;
    const { since } = frame;
    const top = this.published.length;
    const recovered = since?.epoch === this.epoch && top - since.offset <= WINDOW;
    this.wire.push({ type: "subscribed", channel: CHANNEL, epoch: this.epoch, offset: top, recovered });
    if (!recovered || since === undefined) return;
    for (let offset = since.offset + 1; offset <= top; offset++) this.wire.push(this.#event(offset));
  }

  #event(offset: number): SingleFrame {
    const data = this.published[offset - 1];
    return { type: "event", channel: CHANNEL, epoch: this.epoch, offset, data };
  }
}

it("shows each event once and in order, whatever is lost, comes twice, or begins anew", () => {
  const step = fc.constantFrom(
    "publish",
    "publish",
    "lose",
    "repeat",
    "deliver",
    "reconnect",
    "restart",
    "position",
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
      const server = new Server();
      let seen: unknown[] = [];
      const state = new ChannelState(CHANNEL, {
        onSubscribed: ({ recovered, position }) => {
          if (!recovered) seen = server.published.slice(0, position.offset);
        },
        onEvent: (data) => seen.push(data),
      });
      const deliver = () => {
        for (let frame = server.wire.shift(); frame !== undefined; frame = server.wire.shift()) {
          const answer = state.take(frame);
          if (answer !== undefined) server.subscribe(answer);
        }
      };
      const reconnect = () => {
        server.wire = [];
        server.subscribe(state.subscribe());
      };
      reconnect();
      for (const act of steps) {
        if (act === "publish" || act === "lose") server.publish(act === "lose");
        else if (act === "repeat") server.wire.push(...server.wire.slice(-1));
        else if (act === "deliver") deliver();
        else if (act === "reconnect") reconnect();
        else if (act === "position") server.position();
        else {
          deliver();
          server.restart();
          reconnect();
        }
      }
      server.position();
      deliver();
      expect(seen).toEqual(server.published);
    }),
    { numRuns: 2000 },
  );
});
