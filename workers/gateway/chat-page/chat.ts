import { type ChatEvent, connectRealtime, type PresenceEvent, type Realtime, type Souk } from "@souk/client";
import { Activity } from "./activity.ts";
import { Conversations } from "./conversations.ts";
import { element, say } from "./elements.ts";
import { ForwardView } from "./forward-view.ts";
import { ListView, titleOf } from "./list-view.ts";
import { People } from "./people.ts";
import { offerSearch } from "./search-view.ts";
import { Thread } from "./thread.ts";
import { ThreadView } from "./thread-view.ts";

const STATES = {
  connecting: "Connecting…",
  open: "Connected",
  waiting: "Offline. You can go on writing.",
  closed: "Logged out",
} as const;

/** Shows a logged-in person's conversations until the session ends, by their wish or the server's. */
export function chat(souk: Souk, myId: string): Promise<void> {
  const view = element("chat", HTMLElement);
  const connection = element("connection", HTMLParagraphElement);
  let hub: Realtime | undefined;
  let thread: Thread | undefined;
  /** Those that something still waits in. */
  const left = new Set<Thread>();
  let due = false;

  const render = () => {
    due = false;
    const open = thread === undefined ? undefined : conversations.get(thread.id);
    list.show(conversations, people, thread?.id);
    forward.show(conversations, people);
    if (open === undefined) return;
    // Whoever looks at it has read it.
    if (document.visibilityState === "visible") thread?.read();
    const where = open.kind === "direct" ? people.presence(open.peerId) : `${open.memberCount} people`;
    shown.show(titleOf(open, people), where, myId, people);
  };
  /** Many changes are shown together. */
  const changed = () => {
    if (due) return;
    due = true;
    queueMicrotask(render);
  };

  const people = new People(souk, changed);
  const conversations = new Conversations(souk, myId, changed);
  const watchPeers = () =>
    people.watch(
      conversations.inOrder().flatMap(({ kind, peerId }) => (kind === "direct" && peerId ? [peerId] : [])),
    );
  const open = (id: string | undefined) => {
    if (thread?.leave() === false) left.add(thread);
    thread =
      id === undefined
        ? undefined
        : new Thread(
            souk,
            id,
            myId,
            conversations.get(id)?.me.draft ?? null,
            changed,
            () => hub?.way === "stream",
          );
    view.classList.toggle("reading", id !== undefined);
    shown.open(thread);
    watchPeers();
    changed();
  };
  const list = new ListView(open);
  const forward = new ForwardView(souk, open);
  const shown = new ThreadView(
    () => {
      const id = thread?.id;
      open(undefined);
      if (id !== undefined) list.focus(id);
    },
    (seq) => {
      if (thread === undefined) return;
      forward.ask(thread.id, seq);
      changed();
    },
  );
  offerSearch(souk, async (userId) => open((await conversations.begin(userId)).id));
  const looked = () => {
    people.watchAgain();
    changed();
  };
  document.addEventListener("visibilitychange", looked);
  const tellActivity = (idle: boolean) => {
    // Whom it cannot be told counts as using it.
    if (hub?.way === "socket") hub.send({ type: "activity", idle }).catch(() => {});
  };
  const activity = new Activity(tellActivity);

  changed();
  view.hidden = false;
  return new Promise((resolve) => {
    hub = connectRealtime(souk, {
      baseUrl: location.origin,
      onState: (state) => {
        say(connection, STATES[state]);
        connection.dataset["state"] = state;
        if (state === "open") connected();
        if (state === "closed") end();
      },
    });
    const connected = () => {
      for (const one of [...left, thread]) one?.connected();
      people.watchAgain();
      // A new socket counts as used.
      if (activity.idle) tellActivity(true);
    };
    const end = () => {
      open(undefined);
      forward.close();
      people.close();
      activity.close();
      document.removeEventListener("visibilitychange", looked);
      view.hidden = true;
      resolve();
    };
    const take = (data: unknown) => {
      // The server keeps to its document, as its own tests show.
      const event = data as ChatEvent;
      conversations.take(event);
      thread?.take(event);
    };
    hub.subscribe("chat", {
      onSubscribed: ({ recovered }) => {
        if (!recovered) {
          void conversations.load().then(watchPeers, () => {});
          thread?.reload();
        }
      },
      onEvent: take,
      onEphemeral: take,
    });
    hub.subscribe("presence", {
      onEvent: () => {},
      onEphemeral: (data) => people.take(data as PresenceEvent),
    });
    element("log-out", HTMLButtonElement).onclick = () => {
      void souk
        .POST("/api/v1/auth/logout")
        .catch(() => {})
        .finally(() => hub?.close());
    };
  });
}
