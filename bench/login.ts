import { SCRYPT } from "../workers/auth/src/services/scrypt-hash.ts";
import type { BareServer } from "./gateway/workerd.ts";
import { startBareAuth, startBareScrypt } from "./login/bare-auth.ts";
import { seedAccounts } from "./login/people.ts";
import { cpuSeconds } from "./measure/process.ts";
import { median } from "./measure/statistics.ts";
import { shown, type Table } from "./report/table.ts";
import { buildBundles } from "./system/bundles.ts";
import type { Databases } from "./system/database.ts";
import { benchEnvironment } from "./system/environment.ts";

const DATABASE = "bench_login";
const PEOPLE = 50;
const ROUNDS = 9;
/** Each of a round takes about as long as the others. */
const HASHES = 10;
const LOG_INS = 10;
const LOG_INS_WITHOUT = 200;
const WARM_UP = 500;
const GOAL_MS = 5;

type Credentials = Awaited<ReturnType<typeof seedAccounts>>;

/** Milliseconds of CPU that the server takes for one of so many. */
async function cpuMs(server: BareServer, count: number, work: () => Promise<void>): Promise<number> {
  const before = cpuSeconds([server.pid]);
  await work();
  return ((cpuSeconds([server.pid]) - before) * 1000) / count;
}

async function logIn({ url }: BareServer, people: Credentials, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const response = await fetch(`${url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "bench", "cf-connecting-ip": "192.0.2.1" },
      body: JSON.stringify(people[n % people.length]),
    });
    if (response.status !== 200)
      throw new Error(`auth answered ${response.status}: ${await response.text()}`);
    await response.body?.cancel();
  }
}

async function hash({ url }: BareServer, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const response = await fetch(`${url}/${n}`);
    if (response.status !== 204) throw new Error(`The hashing Worker answered ${response.status}`);
  }
}

/** What a log-in costs the CPU, and how much of that is scrypt. */
export async function measureLogin(databases: Databases): Promise<Table> {
  await using servers = new AsyncDisposableStack();
  const started = (server: BareServer) => servers.adopt(server, ({ stop }) => stop());
  await databases.fresh(DATABASE);
  const { environments } = await benchEnvironment(databases, DATABASE);
  const client = await databases.connect(DATABASE);
  const people = await seedAccounts(client, "whole", PEOPLE, false);
  const cheap = await seedAccounts(client, "cheap", PEOPLE, true);
  await client.end();
  const { whole, rest } = await startBareAuth(await buildBundles(), environments);
  const scrypt = await startBareScrypt(SCRYPT);
  for (const server of [whole, rest, scrypt]) started(server);

  await logIn(rest, cheap, WARM_UP);
  await logIn(whole, people, LOG_INS);
  await hash(scrypt, HASHES);
  databases.neon.resetRoundTrips();
  const rounds: Record<"whole" | "scrypt" | "rest", number>[] = [];
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({
      whole: await cpuMs(whole, LOG_INS, () => logIn(whole, people, LOG_INS)),
      scrypt: await cpuMs(scrypt, HASHES, () => hash(scrypt, HASHES)),
      rest: await cpuMs(rest, LOG_INS_WITHOUT, () => logIn(rest, cheap, LOG_INS_WITHOUT)),
    });
  const roundTrips = databases.neon.roundTrips().total / (ROUNDS * (LOG_INS + LOG_INS_WITHOUT));
  const medianOf = (name: keyof (typeof rounds)[number]) => median(rounds.map((round) => round[name]));
  const difference = median(rounds.map((round) => round.whole - round.scrypt));
  const lines = [
    { label: "A log-in", value: medianOf("whole") },
    { label: "scrypt alone", value: medianOf("scrypt") },
    { label: "A log-in less scrypt alone", value: difference },
    { label: "A log-in with a digest in scrypt's place", value: medianOf("rest") },
  ];
  return {
    name: "login",
    title: "A log-in",
    about: `\`POST /api/v1/auth/login\` of ${PEOPLE} people in turn, one at a time, at auth itself: ${shown(roundTrips)} database round trips each. ${ROUNDS} rounds of ${LOG_INS} log-ins, ${HASHES} hashes of scrypt (N = 2^${SCRYPT.ln}, r = ${SCRYPT.r}, p = ${SCRYPT.p}) in a Worker that does nothing else, and ${LOG_INS_WITHOUT} log-ins of the same bundle with SHA-256 in scrypt's place; CPU time of each workerd process. The difference of the first two holds the noise of hundreds of milliseconds; the last line is the rest by itself, and what is judged.`,
    columns: ["What", "ms CPU"],
    rows: lines.map(({ label, value }) => [label, shown(value)]),
    judged: [
      {
        target: `everything of a log-in except scrypt under ${GOAL_MS} ms of CPU`,
        figure: `${shown(medianOf("rest"))} ms (median of ${ROUNDS} rounds)`,
        met: medianOf("rest") < GOAL_MS,
      },
    ],
    leftOut: [
      "the gateway, TLS and the network",
      "the work of the database, and of the events Worker that is woken",
      "a second factor; a hash that must be renewed",
      "the Workers run in bare workerd serve; what they log goes to /dev/null",
    ],
    plot: { unit: "ms CPU", bars: lines },
  };
}
