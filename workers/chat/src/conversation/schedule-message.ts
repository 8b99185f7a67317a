import { AppError } from "@souk/kit/errors";
import { LATEST_SCHEDULE_MS, MAX_SCHEDULED, SOONEST_SCHEDULE_MS } from "../limits.ts";
import type { NewScheduledMessage, ScheduledMessage, ScheduledMessageChange } from "../schemas/scheduled.ts";
import { earlierMessage, requireReferences, requireWritable } from "./send-message.ts";
import { isThere, showScheduled } from "./show-scheduled.ts";
import type { Act, ConversationStore } from "./store.ts";
import type { ScheduledRow } from "./tables.ts";

/** @throws AppError validation_failed for a time that is too near or too far */
function requireAhead(at: string, sendAt: string): void {
  const ahead = Date.parse(sendAt) - Date.parse(at);
  if (ahead < SOONEST_SCHEDULE_MS || ahead > LATEST_SCHEDULE_MS)
    throw new AppError("validation_failed", "Correct the fields named in `details`.", {
      details: [{ field: "sendAt", message: "must be from a minute to a year ahead" }],
    });
}

/** What a member wrote for later by its id, if it is neither sent nor taken back. */
export const findScheduled = (store: ConversationStore, userId: string, clientMessageId: string) =>
  store.sql
    .exec<ScheduledRow>(
      "SELECT * FROM scheduled WHERE user_id = ? AND client_message_id = ?",
      userId,
      clientMessageId,
    )
    .toArray()
    .find(isThere);

const columnsOf = ({ text, replyTo, attachments, mentions, sendAt }: ScheduledMessageChange) => ({
  text,
  reply_to: replyTo ?? null,
  attachments: JSON.stringify(attachments ?? []),
  mentions: JSON.stringify([...new Set(mentions)]),
  send_at: sendAt,
});

const isSame = (
  { text, reply_to, attachments, mentions, send_at }: ScheduledRow,
  columns: ReturnType<typeof columnsOf>,
): boolean =>
  text === columns.text &&
  reply_to === columns.reply_to &&
  attachments === columns.attachments &&
  mentions === columns.mentions &&
  send_at === columns.send_at;

/**
 * Keeps a message that is to be sent later. A repeat is answered with what is there.
 * @throws AppError not_found for who takes no part; conflict when it was sent already; forbidden, validation_failed as for sending it now;
 *   limit_reached when too many wait
 */
export function scheduleMessage(
  store: ConversationStore,
  act: Act,
  input: NewScheduledMessage,
): { scheduled: ScheduledMessage; made: boolean } {
  const member = store.active(act.userId);
  const { id } = store.conversation();
  const earlier = findScheduled(store, act.userId, input.clientMessageId);
  if (earlier !== undefined) return { scheduled: showScheduled(id, earlier), made: false };
  if (earlierMessage(store, member, input.clientMessageId) !== undefined)
    throw new AppError("conflict", "A message with this `clientMessageId` was sent already.");
  requireAhead(act.at, input.sendAt);
  requireWritable(store, member);
  requireReferences(store, member, input);
  const { waiting } = store.sql
    .exec<{ waiting: number }>(
      "SELECT count(*) AS waiting FROM scheduled WHERE user_id = ? AND text IS NOT NULL",
      act.userId,
    )
    .one();
  if (waiting >= MAX_SCHEDULED)
    throw new AppError("limit_reached", `At most ${MAX_SCHEDULED} messages may wait in a conversation.`);
  const { text, ...columns } = columnsOf(input);
  // In the place of one that was taken back with the same id, and of which somebody is still to be told.
  const row = store.sql
    .exec<ScheduledRow>(
      `INSERT OR REPLACE INTO scheduled (user_id, client_message_id, text, reply_to, attachments, mentions, send_at, created_at, updated_at,
         revision) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9) RETURNING *`,
      act.userId,
      input.clientMessageId,
      text,
      columns.reply_to,
      columns.attachments,
      columns.mentions,
      columns.send_at,
      act.at,
      store.revise(act.at),
    )
    .one();
  return { scheduled: showScheduled(id, { ...row, text }), made: true };
}

/**
 * Gives a message that is to be sent later another text and time; one that failed is tried again then. A repeat changes nothing.
 * @throws AppError not_found, also when it was sent; forbidden, validation_failed as for sending it now
 */
export function rescheduleMessage(
  store: ConversationStore,
  act: Act,
  clientMessageId: string,
  change: ScheduledMessageChange,
): ScheduledMessage {
  const member = store.active(act.userId);
  const { id } = store.conversation();
  const known = findScheduled(store, act.userId, clientMessageId);
  if (known === undefined) throw new AppError("not_found", "There is no such message.");
  const { text, ...columns } = columnsOf(change);
  if (known.failed === null && isSame(known, { text, ...columns })) return showScheduled(id, known);
  // Who changes but the text of one that is nearly due need not put it off.
  if (known.failed !== null || known.send_at !== columns.send_at) requireAhead(act.at, columns.send_at);
  requireWritable(store, member);
  requireReferences(store, member, change);
  const row = store.sql
    .exec<ScheduledRow>(
      `UPDATE scheduled SET text = ?, reply_to = ?, attachments = ?, mentions = ?, send_at = ?, failed = NULL, updated_at = ?, revision = ?
       WHERE place = ? RETURNING *`,
      text,
      columns.reply_to,
      columns.attachments,
      columns.mentions,
      columns.send_at,
      act.at,
      store.revise(act.at),
      known.place,
    )
    .one();
  return showScheduled(id, { ...row, text });
}
