import type { Context } from "@souk/kit/context";
import { PRESETS } from "@souk/kit/resilience";
import { CACHE_LIMITS, longestSeconds } from "../cache-limits.ts";
import type { Env } from "../env.ts";
import { AnswerMemory, type StoredAnswer } from "./answer-memory.ts";
import { fetchAnswer, type Question } from "./fetch-answer.ts";
import { Flights } from "./flights.ts";
import { readShared, writeShared } from "./shared-answers.ts";

const { waitMs } = CACHE_LIMITS;
const memory = new AnswerMemory(CACHE_LIMITS.memoryBytes, CACHE_LIMITS.answerBytes);
const flights = new Flights<StoredAnswer>(waitMs, PRESETS.gateway.timeoutMs);

interface Wanted extends Question {
  /** Of the target and the variant together. */
  key: string;
  /** Only an answer that the Worker was asked for after this time will do, in milliseconds. */
  newerThan: number;
}

export interface Found {
  answer: StoredAnswer;
  /** HIT: kept and fresh; MISS: the Worker was asked; STALE: kept, and older than its time. */
  state: "HIT" | "MISS" | "STALE";
}

/** Asks the Worker, keeps what may be kept, and tells those who wait. */
async function refresh(context: Context<Env>, wanted: Wanted) {
  const { policy, key } = wanted;
  const land = flights.start(key, context.now().getTime());
  let shared: StoredAnswer | undefined;
  const postpone = () => memory.postpone(key, context.now().getTime() + CACHE_LIMITS.retryMs);
  try {
    const answer = await fetchAnswer(context, wanted);
    if (answer instanceof Response) {
      if (answer.status >= 500) postpone();
      return answer;
    }
    memory.set(key, answer);
    if (answer.body.byteLength <= CACHE_LIMITS.answerBytes)
      context.after(writeShared(context, key, answer, longestSeconds(policy)));
    shared = answer;
    return answer;
  } catch (error) {
    postpone();
    throw error;
  } finally {
    land(shared);
  }
}

/** The newest answer that is kept in this isolate or, when that is not fresh, in this data centre. */
async function find(context: Context<Env>, { key, policy, newerThan }: Wanted, now: number) {
  const own = memory.get(key);
  const fresh = own !== undefined && now - own.asOf < policy.maxAge * 1000 && own.asOf > newerThan;
  if (!fresh && !flights.isBusy(key, now)) {
    const shared = await readShared(context, key);
    if (shared !== undefined) memory.set(key, shared);
  }
  const kept = memory.get(key);
  return kept !== undefined && kept.asOf > newerThan ? kept : undefined;
}

/** @returns undefined when it fails or takes too long */
async function soon<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), waitMs)));
  try {
    return await Promise.race([work, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * An answer that is the same for everyone: from this isolate's memory, else from the platform's cache, else from the Worker, which in
 * this isolate one request asks for all that wait. A stale one is given while the Worker is asked anew, and while it fails.
 * @returns the Worker's own answer when it may not be kept
 * @throws AppError unavailable when the Worker fails and no old answer will do
 */
export async function cachedAnswer(context: Context<Env>, wanted: Wanted): Promise<Found | Response> {
  const { key, policy, newerThan } = wanted;
  const now = context.now().getTime();
  const known = await find(context, wanted, now);
  const ageSeconds = known === undefined ? Infinity : (now - known.asOf) / 1000;
  if (known !== undefined && ageSeconds < policy.maxAge) return { answer: known, state: "HIT" };
  const postponed = memory.isPostponed(key, now);
  if (known !== undefined && ageSeconds < policy.maxAge + policy.staleWhileRevalidate) {
    if (!postponed && !flights.isBusy(key, now)) context.after(refresh(context, wanted));
    return { answer: known, state: "STALE" };
  }
  const stale: Found | undefined =
    known !== undefined && ageSeconds < policy.maxAge + policy.staleIfError
      ? { answer: known, state: "STALE" }
      : undefined;
  if (stale !== undefined && postponed) return stale;

  const joined = await flights.join(key, now, newerThan);
  if (joined) return { answer: joined, state: "MISS" };
  if (joined === undefined && stale !== undefined) return stale;

  const asking = refresh(context, wanted);
  // Goes on without this caller, since others may wait for it.
  context.after(stale === undefined ? asking.catch(() => {}) : asking);
  const asked = stale === undefined ? await asking : ((await soon(asking)) ?? stale);
  if (asked instanceof Response) return asked.status >= 500 && stale !== undefined ? stale : asked;
  return "state" in asked ? asked : { answer: asked, state: "MISS" };
}
