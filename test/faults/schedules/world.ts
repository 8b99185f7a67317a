import { join } from "node:path";
import { ACTOR_HEADER, encodeActor } from "@souk/kit/actor";
import { SERVICES } from "@souk/db/roles";
import { uuidv7 } from "@souk/kit/ids";
import pg from "pg";
import { z } from "zod";
import { workerEnvironment } from "../../../local/environment.ts";
import type { MailFault } from "../../../local/mail/faults.ts";
import { Mailbox } from "../../../local/mail/mailbox.ts";
import { startSmtp } from "../../../local/mail/smtp.ts";
import { startNeon } from "../../../local/neon.ts";
import { localSecrets } from "../../../local/secrets.ts";
import { WORKERS } from "../../workers.ts";
import type { Mishap } from "./invocation.ts";
import { Market } from "./market.ts";
import { type QueueName, Queues } from "./queues.ts";
import { surround } from "./surroundings.ts";
import { Workers } from "./workers.ts";

const PRICES_URL = "http://prices.test";
/** When each schedule begins. */
export const START = new Date("2024-01-02T12:00:00Z").getTime();
/** Longer than anybody may hold a claim. */
const CLAIMS_MS = 150_000;
const TABLES = `alerts.alert_history, alerts.alerts, alerts.price_history, alerts.prices, alerts.quotes, alerts.exchanges, alerts.idempotency_keys,
  notifications.notifications, notifications.deliveries, notifications.inbox, email.email_attempts, email.email_logs,
  events.log, events.dead_letters, events.replays`;

/** Everything that a schedule plays in: the Workers' own code over a real database and a real mail server; queues, time and luck are modelled. */
export class World {
  queues = new Queues();
  workers: Workers;
  readonly market: Market;
  readonly mailbox: Mailbox;
  readonly users = [1, 2, 3].map((number) => `00000000-0000-7000-8000-00000000000${number}`);
  mailFault: MailFault["mode"] = "none";
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.market = parts.market;
    this.mailbox = parts.mailbox;
    this.workers = new Workers(parts.variables, this.queues);
  }

  /** @param databaseUrl the owner's; roles have their own name as password */
  static async start(databaseUrl: string, dir: string): Promise<World> {
    const secrets = {
      ...(await localSecrets(dir)),
      databasePasswords: z
        .record(z.enum(SERVICES), z.string())
        .parse(Object.fromEntries(SERVICES.map((service) => [service, service]))),
    };
    const neon = await startNeon({ pgPort: Number(new URL(databaseUrl).port) });
    const mailbox = await Mailbox.open(join(dir, "mail"));
    const owner = new pg.Client({ connectionString: databaseUrl });
    await owner.connect();
    const market = new Market(secrets.priceKeys);
    const surroundings = surround(PRICES_URL, (request) => market.app.fetch(request));
    let world: World | undefined;
    const smtp = await startSmtp(mailbox, () => ({ mode: world?.mailFault ?? "none", delayMs: 0 }));
    const values = workerEnvironment(
      {
        neonUrl: neon.url,
        databaseUrl: (username, password) => Object.assign(new URL(databaseUrl), { username, password }).href,
        smtpPort: smtp.port,
        pricesUrl: PRICES_URL,
        publicUrl: "http://souk.test",
      },
      secrets,
    );
    const variables = Object.fromEntries(
      WORKERS.map(({ name, config }) => [name, { ...config.vars, ...values[name] }]),
    );
    world = new World({
      market,
      mailbox,
      variables,
      owner,
      surroundings,
      close: async () => {
        surroundings.leave();
        await owner.end();
        await smtp.close();
        await neon.close();
      },
    });
    for (const [index, id] of world.users.entries())
      await owner.query(
        `INSERT INTO auth.users (id, email, password_hash, first_name, last_name, status, verified_at)
         VALUES ($1, $2, '$scrypt$none', 'Ada', $3, 'active', now())`,
        [id, world.addressOf(id), `Nr ${index}`],
      );
    return world;
  }

  /** Forgets everything but the people, and begins anew with what a schedule draws its ids from. */
  async reset(seed: number): Promise<void> {
    // Ids of one millisecond follow each other, and the schedule before may have made its last in that of this one's first.
    uuidv7(new Date(0));
    this.#parts.surroundings.begin(seed, START);
    await this.#parts.owner.query(`TRUNCATE ${TABLES}`);
    await this.mailbox.clear();
    this.queues = new Queues();
    this.workers = new Workers(this.#parts.variables, this.queues);
    this.mailFault = "none";
    this.logs.length = 0;
  }

  /** Lets time pass. */
  turnClock(ms: number): void {
    this.#parts.surroundings.turnClock(ms);
  }

  get logs(): string[] {
    return this.#parts.surroundings.lines;
  }

  close(): Promise<void> {
    return this.#parts.close();
  }

  addressOf(userId: string): string {
    return `${userId}@example.com`;
  }

  /** Runs a statement as the owner and reads its rows. */
  async rows<S extends z.ZodType>(shape: S, text: string, values: unknown[] = []): Promise<z.output<S>[]> {
    return z.array(shape).parse((await this.#parts.owner.query<object>(text, values)).rows);
  }

  /** Every claim of whoever died runs out: of the log by the database's clock, of mails by the Workers'. */
  async passTime(): Promise<void> {
    this.turnClock(CLAIMS_MS);
    await this.#parts.owner.query(
      "UPDATE events.log SET claimed_until = now() - interval '1 s' WHERE sent_at IS NULL AND claimed_until > now()",
    );
  }

  /** Sets an alert so that it may be repeated: with an `Idempotency-Key`, or without one by its client id. */
  setAlert(userId: string, alert: Record<string, unknown>, key: string | null, mishap?: Mishap) {
    const actor = { userId, email: this.addressOf(userId), role: "user" as const, sessionId: userId };
    const request = new Request("http://souk.test/api/v1/alerts", {
      method: key === null ? "PUT" : "POST",
      headers: {
        "content-type": "application/json",
        [ACTOR_HEADER]: encodeActor(actor),
        ...(key !== null && { "idempotency-key": key }),
      },
      body: JSON.stringify(alert),
    });
    return this.workers.request(request, mishap);
  }

  deliver(queue: QueueName, picks: number[], mishap?: Mishap) {
    const { handler, env } = this.workers.consumer(queue);
    return this.queues.deliver(queue, picks, handler, env, mishap);
  }
}

interface Parts {
  market: Market;
  mailbox: Mailbox;
  variables: Record<string, Record<string, unknown>>;
  owner: pg.Client;
  surroundings: ReturnType<typeof surround>;
  close: () => Promise<void>;
}
