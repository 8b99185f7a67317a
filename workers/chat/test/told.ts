import { runInDurableObject } from "cloudflare:test";
import { readUnpublished, type Unpublished } from "../src/conversation/publish.ts";
import { ConversationStore } from "../src/conversation/store.ts";
import { objectOf } from "./person.ts";

/** What devices are told of all that came after a revision. */
export const toldSince = (id: string, revision: number): Promise<Unpublished | null> =>
  runInDurableObject(objectOf(id), (_, { storage }) => {
    const store = new ConversationStore(storage.sql);
    store.sql.exec("UPDATE conversation SET published = ?", revision);
    return readUnpublished(store);
  });
/** The conversation's latest revision. */
export const revisionOf = (id: string): Promise<number> =>
  runInDurableObject(
    objectOf(id),
    (_, { storage }) => new ConversationStore(storage.sql).conversation().revision,
  );
