import type { Person } from "../person.ts";
import { ALERT, type World } from "./sound-requests.ts";

/** A call that is as it should be, but for what it meets. */
export interface Refused {
  by: Person;
  params?: Record<string, string>;
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
  status: number;
}

/** What is there to be met. */
export interface Met {
  /** Ada muted them, then they blocked her. */
  dan: Person;
  /** Whom an admin has banned. */
  fay: Person;
  /** Bob's, who has changed it once already. */
  username: string;
  /** Of an alert of Ada's. */
  clientId: string;
  /** Of an API key that Ada has revoked. */
  revokedKeyId: string;
  /** With which Ada made another alert. */
  idempotencyKey: string;
}

/** For each operation the refusals that only its own rules make: a wrong state, somebody's name, a role that does not suffice. */
export function refusedRequests(world: World, met: Met): Record<string, Refused[]> {
  const { ada, bob, admin, eve, conversationId: id } = world;
  const apart = [{ by: ada, params: { id: met.dan.id }, status: 404 }];
  const unasked = [{ by: ada, params: { id: bob.id }, status: 404 }];
  const password = "Better-horse-2";
  const past = new Date(Date.now() - 60_000).toISOString();
  const group = { id };
  const adas = { ...group, seq: "1" };
  return {
    followUser: [...apart, { by: ada, params: { id: ada.id }, status: 400 }],
    unfollowUser: apart,
    requestFriendship: apart,
    cancelFriendRequest: [...apart, ...unasked],
    acceptFriendship: [...apart, ...unasked],
    declineFriendship: [...apart, ...unasked],
    removeFriend: apart,
    muteUser: apart,
    unmuteUser: apart,
    blockUser: [{ by: ada, params: { id: ada.id }, status: 400 }],
    updateUsername: [
      { by: ada, body: { username: met.username }, status: 409 },
      { by: bob, body: { username: `${met.username}_2` }, status: 429 },
    ],
    updateProfile: [{ by: ada, body: { bio: "Later", birthDate: "2999-01-01" }, status: 400 }],
    createAlert: [
      { by: ada, body: { ...ALERT, clientId: met.clientId }, status: 409 },
      { by: ada, body: ALERT, headers: { "idempotency-key": met.idempotencyKey }, status: 422 },
      { by: ada, body: { ...ALERT, metal: "XAG", karat: 22 }, status: 400 },
    ],
    putAlert: [{ by: ada, body: { ...ALERT, clientId: met.clientId, metal: "XAG", karat: 22 }, status: 400 }],
    login: [
      { by: bob, body: { email: bob.email, password }, status: 401 },
      { by: bob, body: { email: `nobody-${bob.email}`, password }, status: 401 },
      { by: met.fay, body: { email: met.fay.email, password: met.fay.password }, status: 403 },
    ],
    refresh: [
      { by: bob, body: { refreshToken: `${bob.refreshToken}x` }, status: 401 },
      { by: met.fay, body: { refreshToken: met.fay.refreshToken }, status: 401 },
    ],
    changePassword: [{ by: ada, body: { currentPassword: password, newPassword: password }, status: 400 }],
    // Ada has asked for both a moment ago.
    changeEmail: [
      { by: ada, body: { email: ada.email, password: ada.password }, status: 400 },
      { by: ada, body: { email: `late-${ada.email}`, password: ada.password }, status: 429 },
    ],
    requestExport: [{ by: ada, body: { password: ada.password }, status: 429 }],
    createApiKey: [
      {
        by: ada,
        body: { name: "late", scopes: ["alerts:read"], password: ada.password, expiresAt: past },
        status: 400,
      },
    ],
    startPasskeyRegistration: [{ by: ada, body: { password }, status: 400 }],
    rollApiKey: [
      { by: ada, params: { id: met.revokedKeyId }, body: { password: ada.password }, status: 404 },
    ],
    impersonate: [
      { by: admin, params: { id: admin.id }, body: { reason: "A ticket of the contract" }, status: 409 },
    ],
    banUser: [
      { by: admin, params: { id: admin.id }, body: { reason: "Spam" }, status: 409 },
      { by: admin, params: { id: eve.id }, body: { reason: "Spam", expiresAt: past }, status: 400 },
    ],
    changeControl: [{ by: admin, body: { version: 0, closedRoutes: ["POST /nowhere"] }, status: 400 }],
    purgeCache: [{ by: admin, body: { tags: ["prices", "nothing"] }, status: 400 }],
    updateEmailTemplate: [
      {
        by: admin,
        params: { name: "welcome" },
        body: { subject: "{{nobody}}", html: "<p>{{nobody}}</p>", text: "{{nobody}}" },
        status: 400,
      },
    ],
    replayEvents: [
      {
        by: admin,
        body: { subscriber: "users", from: "2020-01-01T00:00:00Z", to: "2020-01-02T00:00:00Z" },
        status: 400,
      },
    ],
    // Eve is a mere member, and the first message is Ada's.
    updateConversation: [
      { by: eve, params: group, body: { title: "Mine" }, status: 403 },
      { by: eve, params: group, body: { keepDays: 1 }, status: 403 },
    ],
    inviteMembers: [
      { by: eve, params: group, body: { userIds: [bob.id] }, status: 403 },
      { by: ada, params: group, body: { userIds: [bob.id, crypto.randomUUID()] }, status: 404 },
      { by: ada, params: group, body: { userIds: [bob.id, met.dan.id] }, status: 404 },
    ],
    beginConversation: [
      { by: ada, body: { kind: "direct", peerId: met.dan.id }, status: 404 },
      { by: ada, body: { kind: "group", title: "Us", userIds: [bob.id, met.dan.id] }, status: 404 },
    ],
    changeMemberRole: [
      { by: eve, params: { ...group, userId: eve.id }, body: { role: "admin" }, status: 403 },
      { by: ada, params: { ...group, userId: bob.id }, body: { role: "admin" }, status: 404 },
    ],
    removeMember: [{ by: eve, params: { ...group, userId: ada.id }, status: 403 }],
    editMessage: [{ by: eve, params: adas, body: { text: "Eve was here" }, status: 403 }],
    deleteMessage: [{ by: eve, params: adas, status: 403 }],
    reactToMessage: [{ by: ada, params: { ...group, seq: "999" }, body: { emoji: "👍" }, status: 404 }],
    pinMessage: [{ by: ada, params: { ...group, seq: "999" }, status: 404 }],
    hideMessage: [{ by: ada, params: { ...group, seq: "999" }, status: 404 }],
    reportMessage: [{ by: ada, params: { ...group, seq: "999" }, body: { reason: "spam" }, status: 404 }],
    forwardMessage: [
      {
        by: ada,
        params: group,
        body: { clientMessageId: crypto.randomUUID(), conversationId: id, seq: 999 },
        status: 404,
      },
    ],
  };
}
