import { z } from "zod";
import { ControlFrame, FRAME_ERRORS, FrameId, type FrameError } from "./frames.ts";
import { unstorableTexts } from "../storable-text.ts";
import { REALTIME } from "./limits.ts";

const encoder = new TextEncoder();

/** Whether a text's UTF-8 is longer; it is measured only where its length leaves that open. */
function isLarger(text: string, bytes: number): boolean {
  if (text.length * 3 <= bytes) return false;
  return text.length > bytes || encoder.encode(text).byteLength > bytes;
}

type Parsed<Frame> =
  | { is: "frame"; frame: Frame }
  | { is: "error"; code: FrameError; message: string; id?: string }
  | { is: "too_large" };

const refused = (code: FrameError, id?: string, message: string = FRAME_ERRORS[code]) => ({
  is: "error" as const,
  code,
  message,
  ...(id !== undefined && { id }),
});

const Named = z.object({ type: z.string(), id: FrameId.optional().catch(undefined) });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The frames that a service adds to the protocol's own: their types, and what parses each of them. */
export interface OwnFrames<Frame> {
  types: readonly string[];
  schema: z.ZodType<Frame>;
}

/** Of an endpoint that has none. */
export const NO_FRAMES: OwnFrames<never> = { types: [], schema: z.never() };

const CONTROL_TYPES: readonly string[] = ControlFrame.options.map(({ shape }) => shape.type.value);

/**
 * What a client sent, parsed. Nothing that a client can send makes it throw.
 * @param own the service's own frames
 */
export function parseClientFrame<Own>(
  message: string | ArrayBuffer,
  own: OwnFrames<Own>,
): Parsed<ControlFrame | Own> {
  const { frameBytes } = REALTIME;
  if (typeof message !== "string")
    return message.byteLength > frameBytes ? { is: "too_large" } : refused("malformed_frame");
  if (isLarger(message, frameBytes)) return { is: "too_large" };
  const json = parseJson(message);
  if (json === undefined) return refused("malformed_frame");
  const named = Named.safeParse(json).data;
  if (named === undefined) return refused("unknown_frame");
  const { type, id } = named;
  const isControl = CONTROL_TYPES.includes(type);
  if (!isControl && !own.types.includes(type)) return refused("unknown_frame", id);
  // As of a request's body: what the database cannot keep must not get into an object that will have to write it.
  const [unstorable] = unstorableTexts(json);
  if (unstorable !== undefined)
    return refused("invalid_frame", id, `${unstorable.field}: ${unstorable.message}`);
  const { data: frame, error } = isControl ? ControlFrame.safeParse(json) : own.schema.safeParse(json);
  if (error === undefined) return { is: "frame", frame };
  const [issue] = error.issues;
  return refused("invalid_frame", id, issue && `${issue.path.join(".")}: ${issue.message}`);
}
