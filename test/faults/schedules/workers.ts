import { parseEnv } from "@souk/kit/config";
import { createContext } from "@souk/kit/context";
import { runCrons } from "@souk/kit/cron";
import { app as alertsApp } from "../../../workers/alerts/src/app.ts";
import alerts from "../../../workers/alerts/src/index.ts";
import { Env as AuthEnv } from "../../../workers/auth/src/env.ts";
import { readContact } from "../../../workers/auth/src/services/read-contact.ts";
import email from "../../../workers/email/src/index.ts";
import { keepDeadLetters } from "../../../workers/events/src/consumers/dead-letters.ts";
import { Env as EventsEnv } from "../../../workers/events/src/env.ts";
import { drainLog } from "../../../workers/events/src/services/drain-log.ts";
import { replayDeadLetter } from "../../../workers/events/src/services/replay-dead-letter.ts";
import { Env as NotificationsEnv } from "../../../workers/notifications/src/env.ts";
import { queue as notifications } from "../../../workers/notifications/src/queue.ts";
import { chooseChannels } from "../../../workers/notifications/src/services/choose-channels.ts";
import type { z } from "zod";
import { Invocation, type Mishap, step } from "./invocation.ts";
import type { Handler, QueueName, Queues } from "./queues.ts";

type Service = "alerts" | "auth" | "email" | "events" | "notifications";
type Variables = Record<string, Record<string, unknown>>;
type Run = Pick<Invocation, "waitUntil">;

/** What reached a person's hub. The real one is evicted in test/faults/hub.test.ts; here it is a callee that may fail. */
export interface Push {
  userId: string;
  notificationId: string;
}

async function called<T>(handler: (run: Run) => Promise<T>, mishap?: Mishap): Promise<T> {
  const invocation = new Invocation(mishap);
  const result = await invocation.run(() => handler(invocation));
  if (result.ended !== "ok") throw new Error("The called Worker failed");
  return result.value;
}

/** A call to another Worker: one step of the caller, and an invocation of its own. */
const call = <T>(handler: (run: Run) => Promise<T>, mishap?: Mishap): Promise<T> =>
  step(() => called(handler, mishap));

/** What these do with their events is no part of the schedules. */
const passOver: Handler = async ({ ackAll }) => ackAll();

/** The Workers' own handlers, in this process, bound to each other as their configurations say. */
export class Workers {
  readonly pushes: Push[] = [];
  /** Befalls the drains that a wake starts. */
  wakeMishap: Mishap | undefined;
  readonly #env: Record<Service, object>;

  constructor(variables: Variables, queues: Queues) {
    const DEAD_LETTERS = queues.producer("dead-letters");
    const EVENTS = {
      wake: (traceparent?: string) => call((run) => this.#drain(run, traceparent), this.wakeMishap),
    };
    const AUTH = { contact: (userId: string) => call((run) => this.#contact(run, userId)) };
    const NOTIFICATIONS = {
      channels: (userId: string, type: string) =>
        call((run) => chooseChannels(this.#context(NotificationsEnv, "notifications", run), userId, type)),
    };
    const hub = (userId: string) => ({
      deliver: ({ id }: { id: string }) =>
        step(async () => void this.pushes.push({ userId, notificationId: id })),
      report: () => step(async () => {}),
    });
    const room = () => ({ publish: () => step(async () => {}) });
    this.#env = {
      alerts: { ...variables["alerts"], EVENTS, AUTH, DEAD_LETTERS },
      auth: { ...variables["auth"], EVENTS, DEAD_LETTERS },
      email: { ...variables["email"], EVENTS, AUTH, NOTIFICATIONS, DEAD_LETTERS },
      notifications: {
        ...variables["notifications"],
        USER_HUB: { getByName: hub },
        PRICE_ROOM: { getByName: room },
        AUTH,
        DEAD_LETTERS,
      },
      events: {
        ...variables["events"],
        GATEWAY_QUEUE: queues.producer("gateway"),
        AUTH_QUEUE: queues.producer("auth"),
        USERS_QUEUE: queues.producer("users"),
        CHAT_QUEUE: queues.producer("chat"),
        ALERTS_QUEUE: queues.producer("alerts"),
        NOTIFICATIONS_QUEUE: queues.producer("notifications"),
        EMAIL_URGENT_QUEUE: queues.producer("email-urgent"),
        EMAIL_BULK_QUEUE: queues.producer("email-bulk"),
      },
    };
  }

  /** A queue's consumer and its environment. */
  consumer(queue: QueueName): { handler: Handler; env: object } {
    const { email: emailEnv, notifications: notificationsEnv, events } = this.#env;
    return {
      gateway: { handler: passOver, env: {} },
      auth: { handler: passOver, env: {} },
      users: { handler: passOver, env: {} },
      chat: { handler: passOver, env: {} },
      alerts: { handler: passOver, env: {} },
      notifications: { handler: notifications, env: notificationsEnv },
      "email-urgent": { handler: email.queue, env: emailEnv },
      "email-bulk": { handler: email.queue, env: emailEnv },
      "dead-letters": { handler: keepDeadLetters, env: events },
    }[queue];
  }

  /** The cron of `alerts`. */
  poll(at: Date, mishap?: Mishap) {
    const run = new Invocation(mishap);
    return run.run(() =>
      alerts.scheduled({ cron: "*/5 * * * *", scheduledTime: at.getTime() }, this.#env.alerts, run),
    );
  }

  /** The minute sweep of `events`, as its index.ts wires it, which itself loads in workerd only. */
  sweep(mishap?: Mishap) {
    const cron = "* * * * *";
    const sweep = runCrons(EventsEnv, "events", {
      [cron]: async (context) => void (await drainLog(context)),
    });
    const run = new Invocation(mishap);
    return run.run(() => sweep({ cron, scheduledTime: Date.now() }, this.#env.events, run));
  }

  /** A request to `alerts` that passed the gateway. */
  request(request: Request, mishap?: Mishap) {
    const run = new Invocation(mishap);
    const context = { waitUntil: run.waitUntil, passThroughOnException: () => {}, props: {} };
    return run.run(async () => alertsApp.fetch(request, this.#env.alerts, context));
  }

  /** What an admin's replay of a dead letter does. */
  replay(id: string, mishap?: Mishap) {
    const run = new Invocation(mishap);
    const actor = { userId: id, email: "admin@souk.test", role: "admin" as const, sessionId: id };
    const context = this.#context(EventsEnv, "events", run);
    context.actor = actor;
    return run.run(() => replayDeadLetter(context, id));
  }

  async #drain(run: Run, traceparent?: string): Promise<void> {
    await drainLog(this.#context(EventsEnv, "events", run, traceparent));
  }

  #contact(run: Run, userId: string) {
    return readContact(this.#context(AuthEnv, "auth", run), userId);
  }

  #context<Env extends Parameters<typeof createContext>[0]>(
    schema: z.ZodType<Env>,
    service: Service,
    { waitUntil }: Run,
    traceparent?: string,
  ) {
    return createContext<Env>(parseEnv(schema, this.#env[service]), { service, waitUntil, traceparent });
  }
}
