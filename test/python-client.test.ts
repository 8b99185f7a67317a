import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ServerFrame } from "@souk/kit/realtime/frames";
import { expect, it } from "vitest";
import { z } from "zod";
import { missing } from "./clients/installed.ts";
import { request } from "./http.ts";
import { newPerson } from "./person.ts";
import { testPlatform } from "./platform.ts";

/** Debian's, which its own Python finds. */
const WEBSOCKETS = "/usr/lib/python3/dist-packages/websockets/__init__.py";
const PYTHON = "/usr/bin/python3";
const CLIENT = join(import.meta.dirname, "clients", "chat.py");
const noClient = missing(WEBSOCKETS, "python3-websockets");

const single = (frame: ServerFrame) => (frame.type === "batch" ? frame.frames : [frame]);

it("another implementation of WebSockets connects and chats: Python's websockets", async (context) => {
  context.skip(noClient !== undefined, noClient);
  const { url } = await testPlatform();
  const [ada, bob] = [await newPerson(), await newPerson()];
  const post = async (token: string, path: string, body?: unknown) => {
    const { status, json } = await request("POST", `/api/v1${path}`, {
      token,
      ...(body !== undefined && { body }),
    });
    expect([200, 201]).toContain(status);
    return json;
  };
  await request("GET", "/api/v1/users/me", { token: bob.accessToken });
  const begun = await post(ada.accessToken, "/conversations", { kind: "direct", peerId: bob.id });
  const { id } = z.object({ id: z.uuid() }).parse(begun);
  const { ticket } = z.object({ ticket: z.string() }).parse(await post(bob.accessToken, "/realtime/tickets"));
  const address = `${url.replace("http", "ws")}/ws/rooms/${id}?ticket=${encodeURIComponent(ticket)}`;

  const running = promisify(execFile)(PYTHON, [CLIENT, address, id], { timeout: 40_000 });
  // Told when it is there: it answers the first message that it hears of.
  let subscribed = false;
  let heard = "";
  running.child.stdout?.on("data", (text: string) => {
    heard += text;
    if (subscribed || !heard.includes('"subscribed"')) return;
    subscribed = true;
    void post(ada.accessToken, `/conversations/${id}/messages`, {
      clientMessageId: "1",
      text: "Who is there?",
    });
  });
  const { stdout } = await running;
  const frames = stdout
    .trim()
    .split("\n")
    .flatMap((line) => single(ServerFrame.parse(JSON.parse(line))));
  expect(frames[0]).toMatchObject({ type: "hello", userId: bob.id });
  expect(frames).toContainEqual(
    expect.objectContaining({
      type: "event",
      data: expect.objectContaining({ message: expect.objectContaining({ seq: 1, text: "Who is there?" }) }),
    }),
  );
  expect(frames.at(-1)).toMatchObject({ type: "ack", id: "1", data: { seq: 2, senderId: bob.id } });
  const { json } = await request("GET", `/api/v1/conversations/${id}/messages`, { token: ada.accessToken });
  expect(json).toMatchObject({
    items: [
      { seq: 2, text: "Hello from Python, grüß dich 🐍" },
      { seq: 1, text: "Who is there?" },
    ],
  });
});
