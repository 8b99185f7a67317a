import type { ControlFrame, Position, SingleFrame } from "./frames.ts";

/** What an app does with a channel. */
export interface ChannelHandlers {
  /** Each event once, in order. */
  onEvent: (data: unknown, position: Position) => void;
  /** What holds for the moment only, e.g. that someone types. */
  onEphemeral?: (data: unknown) => void;
  /**
   * The channel is followed from here on. Unless `recovered`, load the state anew: events up to `position` were not told. `latest` is what
   * holds now, where the channel has such a thing.
   */
  onSubscribed?: (state: { recovered: boolean; position: Position; latest: unknown }) => void;
  /** The channel is not followed any more, by whose wish or for which error. */
  onEnd?: (reason: string) => void;
}

/** One channel as a client follows it: drops what comes twice, and asks again where something is missing. */
export class ChannelState {
  readonly #channel: string;
  readonly #handlers: ChannelHandlers;
  #position: Position | undefined;
  #following = false;

  /** @param since where an earlier run of the app was */
  constructor(channel: string, handlers: ChannelHandlers, since?: Position) {
    this.#channel = channel;
    this.#handlers = handlers;
    this.#position = since;
  }

  /** Where the client is; undefined before the channel was first followed. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** The frame that subscribes from where the client is; what comes before its answer is passed over. */
  subscribe(): ControlFrame {
    this.#following = false;
    const since = this.#position;
    return { type: "subscribe", channel: this.#channel, ...(since !== undefined && { since }) };
  }

  /** Takes a frame of this channel. Returns what to send in answer. */
  take(frame: SingleFrame): ControlFrame | undefined {
    switch (frame.type) {
      case "subscribed":
        return this.#subscribed(frame);
      case "ephemeral":
        if (this.#following) this.#handlers.onEphemeral?.(frame.data);
        return undefined;
      case "event":
      case "position":
        return this.#following ? this.#moved(frame) : undefined;
      case "unsubscribed":
        this.#handlers.onEnd?.("unsubscribed");
        return undefined;
      case "error":
        this.#handlers.onEnd?.(frame.code);
        return undefined;
      default:
        return undefined;
    }
  }

  #subscribed(frame: Extract<SingleFrame, { type: "subscribed" }>): undefined {
    const { epoch, offset, recovered, latest } = frame;
    const position = { epoch, offset };
    if (!recovered) this.#position = position;
    this.#following = true;
    this.#handlers.onSubscribed?.({ recovered, position, latest });
  }

  #moved(frame: Extract<SingleFrame, { type: "event" | "position" }>): ControlFrame | undefined {
    const known = this.#position;
    const { epoch, offset } = frame;
    if (known === undefined || epoch !== known.epoch) return this.subscribe();
    if (offset <= known.offset) return undefined;
    if (frame.type === "position" || offset > known.offset + 1) return this.subscribe();
    this.#position = { epoch, offset };
    this.#handlers.onEvent(frame.data, this.#position);
    return undefined;
  }
}
