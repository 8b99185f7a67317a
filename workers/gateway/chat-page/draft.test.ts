import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Draft, type KeptDraft } from "./draft.ts";

// What is written is kept when a test says so.
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Everything that has been resolved is carried on. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

interface Device {
  draft: Draft;
  /** On their way to the server, from it, and lost where the server is not to see them. */
  requests: { carryOut: () => void; lose: () => void }[];
  answers: (() => void)[];
  news: KeptDraft[];
}

/** The server and the devices of one person. Requests, answers and news take their time, each kind in its order. */
class Server {
  kept: KeptDraft = null;
  #clock = 0;
  readonly devices: Device[] = [];

  connect(): void {
    const device: Device = {
      draft: new Draft(
        (text) => this.#ask(device, text),
        null,
        () => {},
      ),
      requests: [],
      answers: [],
      news: [],
    };
    this.devices.push(device);
  }

  #ask({ requests, answers }: Device, text: string): Promise<KeptDraft> {
    return new Promise((resolve, reject) => {
      const carryOut = () => {
        const updatedAt = new Date(++this.#clock).toISOString();
        const kept = text === "" ? null : { text, replyTo: null, updatedAt };
        this.kept = kept;
        for (const { news } of this.devices) news.push(kept);
        answers.push(() => resolve(kept));
      };
      requests.push({ carryOut, lose: () => reject(new TypeError("There is no connection")) });
    });
  }
}

const STEPS = ["write", "clear", "keep", "ask", "lose", "answer", "hear"] as const;

async function step(device: Device, what: (typeof STEPS)[number], text: string): Promise<void> {
  if (what === "write") device.draft.write(text);
  else if (what === "clear") device.draft.write("");
  else if (what === "keep") device.draft.keep();
  else if (what === "ask") device.requests.shift()?.carryOut();
  else if (what === "lose") device.requests.shift()?.lose();
  else if (what === "answer") device.answers.shift()?.();
  else if (device.news.length > 0) device.draft.take(device.news.shift() ?? null);
  await settle();
}

const DELIVERIES = ["ask", "answer", "hear"] as const;
type Delivery = (typeof DELIVERIES)[number];

/** Has everything arrive, what comes first of each kind in this order. */
async function flush({ devices }: Server, order: readonly Delivery[] = DELIVERIES): Promise<void> {
  await settle();
  const busy = () =>
    devices.some(({ requests, answers, news }) => requests.length + answers.length + news.length > 0);
  while (busy()) for (const what of order) for (const device of devices) await step(device, what, "");
}

const anOrder = fc.shuffledSubarray([...DELIVERIES], { minLength: DELIVERIES.length });
const aStep = (devices: number) =>
  fc.record({
    device: fc.nat({ max: devices - 1 }),
    what: fc.constantFrom(...STEPS),
    text: fc.constantFrom("a", "ab", "b"),
  });

it("what a device begins to write stands on all of them in the end, whatever overtakes what", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aStep(2), { maxLength: 40, size: "max" }), anOrder, async (steps, order) => {
      const server = new Server();
      server.connect();
      server.connect();
      for (const { device, what, text } of steps) {
        const at = server.devices[device];
        if (at !== undefined) await step(at, what, text);
      }
      // The pauses in which each keeps what it has, and all arrives.
      for (const { draft } of server.devices) {
        await flush(server, order);
        draft.keep();
      }
      await flush(server, order);
      const texts = server.devices.map(({ draft }) => draft.text);
      expect(texts).toEqual(texts.map(() => server.kept?.text ?? ""));
    }),
    { numRuns: 5_000 },
  );
});

it("what is told late of this device's own drafts changes nothing here", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aStep(1), { maxLength: 40, size: "max" }), anOrder, async (steps, order) => {
      const server = new Server();
      server.connect();
      const [device] = server.devices;
      if (device === undefined) throw new Error("There is one");
      let written = "";
      for (const { what, text } of steps) {
        if (what === "write") written = text;
        if (what === "clear") written = "";
        await step(device, what, text);
        expect(device.draft.text).toBe(written);
      }
      await flush(server, order);
      expect(device.draft.text).toBe(written);
    }),
    { numRuns: 2_000 },
  );
});

it("what is being written here stays while another device keeps something", async () => {
  const server = new Server();
  server.connect();
  server.connect();
  const [here, there] = server.devices;
  if (here === undefined || there === undefined) throw new Error("There are two");
  here.draft.write("I wri");
  there.draft.write("elsewhere");
  there.draft.keep();
  await flush(server);
  expect(here.draft.text).toBe("I wri");
  here.draft.keep();
  await flush(server);
  expect(there.draft.text).toBe("I wri");
});

it("what another device took away is gone here too, though it was told before this one's own answer came", async () => {
  const server = new Server();
  server.connect();
  server.connect();
  const [here, there] = server.devices;
  if (here === undefined || there === undefined) throw new Error("There are two");
  for (const what of ["write", "keep", "ask"] as const) await step(here, what, "a");
  for (const what of ["hear", "clear", "keep", "ask"] as const) await step(there, what, "");
  for (const what of ["hear", "hear", "answer"] as const) await step(here, what, "");
  expect(here.draft.text).toBe("");
});
