import type { Scope } from "@souk/kit/permissions";
import type { Access } from "@souk/kit/route";
import { decodeJwt } from "jose";
import { z } from "zod";
import { eventually } from "../http.ts";
import { logIn, newAdmin, newPerson, type Person } from "../person.ts";
import { testPlatform } from "../platform.ts";
import { rememberedSecrets } from "../remembered-secrets.ts";
import { call, type Call } from "./call.ts";
import type { Operation } from "./document.ts";

/** People and their objects, for calling every operation as it is meant. */
export interface World {
  ada: Person;
  bob: Person;
  admin: Person;
  /** Somebody to ban. */
  eve: Person;
  /** Another session of Ada's. */
  sessionId: string;
  alertId: string;
  apiKeyId: string;
  notificationId: string;
  emailId: string;
  /** Of Ada and Eve, with a message of each. */
  conversationId: string;
}

export const ALERT = { metal: "XAU", currency: "USD", type: "above", threshold: "999999" };

const Id = z.object({ id: z.uuid() });
const Items = z.object({ items: z.array(Id) });

/** A name that is free. */
const usernameOf = ({ id }: Person): string => `ada_${id.replaceAll("-", "")}`;

/** The first object of a list, once there is one. */
const firstOf = (path: string, token: string): Promise<string> =>
  eventually(`an object at ${path}`, async () => {
    const { json } = await call({ method: "GET", path }, { token });
    return Items.parse(json).items[0]?.id;
  });

/** A new API key of a person. */
export async function newApiKey({ accessToken, password }: Person, scopes: readonly Scope[]) {
  const { json } = await call(
    { method: "POST", path: "/api/v1/auth/api-keys" },
    { token: accessToken, body: JSON.stringify({ name: "contract", scopes, password }) },
  );
  return Id.extend({ key: z.string() }).parse(json);
}

/** People with something of each kind, and a price. */
export async function newWorld(): Promise<World> {
  const { harness, prices } = await testPlatform();
  await harness
    .getWorker("alerts")
    .scheduled({ cron: "*/5 * * * *", scheduledTime: new Date(prices.state().at) });
  const [ada, bob, admin, eve] = [await newPerson(), await newPerson(), await newAdmin(), await newPerson()];
  const other = await logIn(ada.email, ada.password);
  const token = ada.accessToken;
  // Each has a profile now, however late their registration is told of; Ada's has a name.
  for (const person of [bob, admin, eve])
    await call({ method: "GET", path: "/api/v1/users/me" }, { token: person.accessToken });
  await call(
    { method: "PUT", path: "/api/v1/users/me/username" },
    { token, body: JSON.stringify({ username: usernameOf(ada) }) },
  );
  const alert = await call(
    { method: "POST", path: "/api/v1/alerts" },
    { token, body: JSON.stringify(ALERT) },
  );
  const conversation = await call(
    { method: "POST", path: "/api/v1/conversations" },
    { token, body: JSON.stringify({ kind: "group", title: "Contract", userIds: [eve.id] }) },
  );
  const conversationId = Id.parse(conversation.json).id;
  for (const person of [ada, eve, ada, ada])
    await call(
      { method: "POST", path: "/api/v1/conversations/{id}/messages" },
      {
        token: person.accessToken,
        params: { id: conversationId },
        body: JSON.stringify({ clientMessageId: crypto.randomUUID(), text: "Hello" }),
      },
    );
  await call(
    { method: "POST", path: "/api/v1/conversations/{id}/scheduled-messages" },
    {
      token,
      params: { id: conversationId },
      body: JSON.stringify({ clientMessageId: SCHEDULED, text: "Hello", sendAt: TOMORROW }),
    },
  );
  const apiKey = await newApiKey(ada, ["alerts:read"]);
  return {
    conversationId,
    ada,
    bob,
    admin,
    eve,
    sessionId: z.object({ sid: z.uuid() }).parse(decodeJwt(other.accessToken)).sid,
    apiKeyId: apiKey.id,
    alertId: Id.parse(alert.json).id,
    notificationId: await firstOf("/api/v1/notifications", token),
    emailId: await firstOf("/api/v1/emails", admin.accessToken),
  };
}

interface Sound {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: Record<string, unknown>;
  /** Statuses of success; also of a refusal where success would need more than a request. */
  status: number;
  /** The path names an object of Ada's. */
  owned?: true;
}

const PASSWORD = `Pw1-${crypto.randomUUID()}`;
rememberedSecrets.add(PASSWORD);
const GOLD = { metal: "XAU", currency: "USD" };
/** A part of the event log that is young enough to be sent again. */
const YESTERDAY = {
  from: new Date(Date.now() - 86_400_000).toISOString(),
  to: new Date().toISOString(),
};
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();
/** Written for later in the conversation. */
const SCHEDULED = "tomorrow";
const RANGE = { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" };
/** What authenticators answer in form, to challenges that nobody gave. */
const clientDataJSON = Buffer.from(JSON.stringify({ challenge: "AAAA" })).toString("base64url");
const PASSKEY = {
  id: "AAAA",
  rawId: "AAAA",
  type: "public-key",
  response: { clientDataJSON, attestationObject: "AAAA" },
};
const ASSERTION = {
  ...PASSKEY,
  response: { clientDataJSON, authenticatorData: "AAAA", signature: "AAAA", userHandle: "AAAA" },
};
const NOBODY = { email: "nobody@example.com" };

const conversation = ({ conversationId: id }: World) => ({ id });
const message = (world: World) => ({ ...conversation(world), seq: "1" });

/** For each operation one request that is as it should be, made by Ada or the admin, and what it is answered with. */
export const soundRequests = (world: World): Record<string, Sound> => ({
  getKeys: { status: 200 },
  getReadiness: { status: 200 },
  getMetrics: { status: 200 },
  readControl: { status: 200 },
  changeControl: { body: { version: 1_000_000, flags: { "new-checkout": 25 } }, status: 409 },
  purgeCache: { body: { tags: ["prices"] }, status: 204 },
  readFlags: { status: 200 },
  getEventsStatus: { status: 200 },
  getPricesStatus: { status: 200 },
  listAlerts: { query: { limit: "2", active: "true" }, status: 200 },
  putAlert: { body: { ...ALERT, clientId: "contract" }, status: 201 },
  createAlert: { body: { ...ALERT, note: "a note" }, status: 201 },
  readAlert: { params: { id: world.alertId }, owned: true, status: 200 },
  updateAlert: { params: { id: world.alertId }, body: { note: "changed" }, owned: true, status: 200 },
  readAlertHistory: { params: { id: world.alertId }, query: { limit: "2" }, owned: true, status: 200 },
  deleteAlert: { params: { id: world.alertId }, owned: true, status: 204 },
  changePassword: { body: { currentPassword: world.ada.password, newPassword: `${PASSWORD}b` }, status: 200 },
  deactivateAccount: { body: { password: "not-the-password" }, status: 400 },
  deleteAccount: { body: { password: "not-the-password" }, status: 400 },
  requestExport: { body: { password: "not-the-password" }, status: 400 },
  readExport: { status: 404 },
  readErasure: { params: { id: world.alertId }, status: 404 },
  changeEmail: { body: { email: `${crypto.randomUUID()}@example.com`, password: "not-it" }, status: 400 },
  confirmEmailChange: { body: { token: "not-a-token" }, status: 400 },
  forgotPassword: { body: NOBODY, status: 202 },
  login: { body: { email: world.bob.email, password: world.bob.password }, status: 200 },
  logout: { status: 204 },
  refresh: { body: { refreshToken: world.bob.refreshToken }, status: 200 },
  register: {
    body: {
      email: `${crypto.randomUUID()}@example.com`,
      password: PASSWORD,
      firstName: "Ada",
      lastName: "King",
    },
    status: 201,
  },
  requestMailSignIn: { body: NOBODY, status: 202 },
  signInByMail: { body: { flow: "not-a-flow", code: "01234567" }, status: 401 },
  resendVerification: { body: NOBODY, status: 202 },
  resetPassword: { body: { token: "not-a-token", password: PASSWORD }, status: 400 },
  listSessions: { query: { limit: "2" }, status: 200 },
  revokeSession: { params: { id: world.sessionId }, owned: true, status: 204 },
  revokeSessions: { query: { keep: "current" }, status: 204 },
  listApiKeys: { status: 200 },
  createApiKey: {
    body: { name: "a bot", scopes: ["alerts:read"], password: "not-the-password" },
    status: 400,
  },
  rollApiKey: { params: { id: world.apiKeyId }, body: { password: "not-it" }, owned: true, status: 400 },
  revokeApiKey: { params: { id: world.apiKeyId }, owned: true, status: 204 },
  banUser: { params: { id: world.eve.id }, body: { reason: "Spam" }, status: 200 },
  impersonate: {
    params: { id: world.bob.id },
    body: { reason: "A ticket of the contract" },
    status: 201,
  },
  endImpersonation: { params: { id: world.alertId }, status: 404 },
  listImpersonations: { status: 200 },
  unbanUser: { params: { id: world.eve.id }, status: 204 },
  unlockAccount: { body: { token: "not-a-token" }, status: 400 },
  loginSecondFactor: { body: { challenge: "not-a-challenge", code: "123456" }, status: 401 },
  getSecondFactor: { status: 200 },
  enrolSecondFactor: { body: { password: "not-the-password" }, status: 400 },
  confirmSecondFactor: { body: { code: "123456" }, status: 409 },
  removeSecondFactor: { status: 403 },
  renewRecoveryCodes: { status: 403 },
  stepUp: { body: { code: "123456" }, status: 409 },
  listProviders: { status: 200 },
  startSignIn: {
    params: { provider: "nobody" },
    body: { redirectUri: "https://app.example/in" },
    status: 404,
  },
  signIn: { params: { provider: "nobody" }, body: { code: "c", state: "s", flow: "f" }, status: 404 },
  listIdentities: { status: 200 },
  startLink: { body: { provider: "nobody", redirectUri: "https://app.example/in" }, status: 404 },
  linkIdentity: { body: { provider: "nobody", code: "c", state: "s", flow: "f" }, status: 404 },
  unlinkIdentity: { params: { id: world.alertId }, status: 404 },
  startPasskeyRegistration: { body: { password: world.ada.password }, status: 201 },
  addPasskey: { body: { name: "a phone", credential: PASSKEY }, status: 401 },
  listPasskeys: { status: 200 },
  renamePasskey: { params: { id: world.alertId }, body: { name: "a phone" }, status: 404 },
  removePasskey: { params: { id: world.alertId }, status: 404 },
  startPasskeySignIn: { status: 201 },
  signInWithPasskey: { body: { credential: ASSERTION }, status: 401 },
  listTrustedDevices: { status: 200 },
  listSecurityEvents: { status: 200 },
  forgetTrustedDevice: { params: { id: world.alertId }, status: 404 },
  verifySession: { status: 200 },
  verifyEmail: { body: { token: "not-a-token" }, status: 400 },
  beginConversation: { body: { kind: "group", title: "Contract" }, status: 201 },
  listConversations: { query: { limit: "2" }, status: 200 },
  readConversation: { params: conversation(world), owned: true, status: 200 },
  updateConversation: {
    params: conversation(world),
    body: { title: "Gold", keepDays: 30 },
    owned: true,
    status: 200,
  },
  listMembers: { params: conversation(world), query: { limit: "2" }, owned: true, status: 200 },
  inviteMembers: {
    params: conversation(world),
    body: { userIds: [world.eve.id] },
    owned: true,
    status: 200,
  },
  changeMemberRole: {
    params: { ...conversation(world), userId: world.eve.id },
    body: { role: "member" },
    owned: true,
    status: 200,
  },
  removeMember: { params: { ...conversation(world), userId: world.alertId }, owned: true, status: 404 },
  acceptConversation: { params: conversation(world), owned: true, status: 204 },
  declineConversation: { params: conversation(world), owned: true, status: 404 },
  muteConversation: { params: conversation(world), body: { until: null }, owned: true, status: 200 },
  tellTyping: { params: conversation(world), owned: true, status: 204 },
  sendMessage: {
    params: conversation(world),
    body: { clientMessageId: crypto.randomUUID(), text: "Hello" },
    owned: true,
    status: 201,
  },
  forwardMessage: {
    params: conversation(world),
    body: { clientMessageId: crypto.randomUUID(), conversationId: world.conversationId, seq: 2 },
    owned: true,
    status: 201,
  },
  hideMessage: { params: { ...conversation(world), seq: "4" }, owned: true, status: 200 },
  listMessageEdits: { params: message(world), owned: true, status: 200 },
  scheduleMessage: {
    params: conversation(world),
    body: { clientMessageId: crypto.randomUUID(), text: "Hello", sendAt: TOMORROW },
    owned: true,
    status: 201,
  },
  listScheduledMessages: { params: conversation(world), owned: true, status: 200 },
  rescheduleMessage: {
    params: { ...conversation(world), clientMessageId: SCHEDULED },
    body: { text: "Hello again", sendAt: TOMORROW },
    owned: true,
    status: 200,
  },
  unscheduleMessage: {
    params: { ...conversation(world), clientMessageId: SCHEDULED },
    owned: true,
    status: 204,
  },
  saveDraft: { params: conversation(world), body: { text: "Hel" }, owned: true, status: 200 },
  listMessages: { params: conversation(world), query: { limit: "2" }, owned: true, status: 200 },
  readMessages: { params: conversation(world), body: { seq: 1 }, owned: true, status: 200 },
  acknowledgeMessages: { params: conversation(world), body: { seq: 1 }, owned: true, status: 200 },
  editMessage: { params: message(world), body: { text: "Hello again" }, owned: true, status: 200 },
  deleteMessage: { params: { ...conversation(world), seq: "3" }, owned: true, status: 200 },
  reactToMessage: { params: message(world), body: { emoji: "👍" }, owned: true, status: 200 },
  pinMessage: { params: message(world), owned: true, status: 200 },
  unpinMessage: { params: message(world), owned: true, status: 200 },
  listPins: { params: conversation(world), owned: true, status: 200 },
  searchMessages: { query: { q: "hello", limit: "2" }, status: 200 },
  reportMessage: {
    params: { ...conversation(world), seq: "2" },
    body: { reason: "spam" },
    owned: true,
    status: 202,
  },
  readPresence: { query: { ids: `${world.bob.id},${world.eve.id}` }, status: 200 },
  watchPresence: { body: { userIds: [world.bob.id] }, status: 200 },
  rebuildConversationArchive: { status: 202 },
  listMessageReports: { query: { limit: "2" }, status: 200 },
  readMessageReport: { params: { id: world.alertId }, status: 404 },
  resolveMessageReport: { params: { id: world.alertId }, body: { outcome: "dismissed" }, status: 404 },
  holdConversation: { params: conversation(world), body: { reason: "Case 7" }, status: 200 },
  listLegalHolds: { query: { limit: "2" }, status: 200 },
  readHeldMessages: { params: { id: world.alertId }, status: 404 },
  endLegalHold: { params: { id: world.alertId }, status: 404 },
  listEmails: { query: { limit: "2", status: "sent" }, status: 200 },
  listEmailTemplates: { status: 200 },
  readEmailTemplate: { params: { name: "welcome" }, status: 200 },
  updateEmailTemplate: {
    params: { name: "welcome" },
    body: {
      subject: "Welcome, {{firstName}}",
      html: "<p>Hello {{firstName}}</p>",
      text: "Hello {{firstName}}",
    },
    status: 200,
  },
  previewEmailTemplate: { params: { name: "welcome" }, body: { subject: "Welcome" }, status: 200 },
  readEmail: { params: { id: world.emailId }, status: 200 },
  listDeadLetters: { query: { limit: "2", state: "all" }, status: 200 },
  replayDeadLetter: { params: { id: world.alertId }, status: 404 },
  replayEvents: { body: { subscriber: "users", ...YESTERDAY }, status: 201 },
  listNotifications: { query: { limit: "2", unread: "true" }, status: 200 },
  readNotificationPreferences: { status: 200 },
  updateNotificationPreferences: { body: { push: false }, status: 200 },
  readAllNotifications: { status: 200 },
  countUnreadNotifications: { status: 200 },
  readNotification: { params: { id: world.notificationId }, owned: true, status: 200 },
  readCurrentPrice: { query: { ...GOLD, unit: "g", karat: "22" }, status: 200 },
  readPriceHistory: { query: { ...GOLD, ...RANGE, interval: "1d", limit: "5" }, status: 200 },
  mintRealtimeTicket: { status: 201 },
  readProfile: { status: 200 },
  updateProfile: {
    body: { displayName: "Countess", bio: "two\nlines", website: "https://example.com" },
    status: 200,
  },
  readPreferences: { status: 200 },
  updatePreferences: { body: { theme: "dark", currency: "EUR", language: "de" }, status: 200 },
  updateUsername: { body: { username: usernameOf(world.ada) }, status: 200 },
  readPrivacy: { status: 200 },
  updatePrivacy: { body: { activityVisibility: "user" }, status: 200 },
  readMetrics: { query: { days: "7" }, status: 200 },
  readRelations: { query: { ids: `${world.bob.id},${world.admin.id}` }, status: 200 },
  followUser: { params: { id: world.bob.id }, status: 200 },
  unfollowUser: { params: { id: world.bob.id }, status: 200 },
  requestFriendship: { params: { id: world.bob.id }, status: 200 },
  cancelFriendRequest: { params: { id: world.bob.id }, status: 200 },
  acceptFriendship: { params: { id: world.admin.id }, status: 404 },
  declineFriendship: { params: { id: world.admin.id }, status: 404 },
  removeFriend: { params: { id: world.bob.id }, status: 200 },
  blockUser: { params: { id: world.admin.id }, status: 200 },
  unblockUser: { params: { id: world.admin.id }, status: 200 },
  muteUser: { params: { id: world.bob.id }, status: 200 },
  unmuteUser: { params: { id: world.bob.id }, status: 200 },
  searchPeople: { query: { q: "lovelace", limit: "2" }, status: 200 },
  readPublicProfile: { params: { id: world.ada.id }, status: 200 },
  findByUsername: { params: { username: usernameOf(world.ada) }, status: 200 },
  listFollowers: { params: { id: world.bob.id }, query: { limit: "2" }, status: 200 },
  listFollowing: { params: { id: world.bob.id }, query: { limit: "2" }, status: 200 },
  listFriends: { params: { id: world.bob.id }, query: { limit: "2" }, status: 200 },
  listFriendRequests: { query: { limit: "2", direction: "sent" }, status: 200 },
  listBlocked: { query: { limit: "2" }, status: 200 },
  listMuted: { query: { limit: "2" }, status: 200 },
  getHealth: { status: 200 },
});

/** The token of who makes an operation's sound request. */
export const callerOf = (world: World, access: Access): Pick<Call, "token"> =>
  access === "public" ? {} : { token: access === "admin" ? world.admin.accessToken : world.ada.accessToken };

const LAST = ["deleteAlert", "revokeApiKey", "changePassword", "logout"];
const place = ({ id }: Operation) => LAST.indexOf(id);
/** In an order in which all of them can be called: those that end what others need come last. */
export const endingLast = (operations: Operation[]): Operation[] =>
  operations.toSorted((a, b) => place(a) - place(b));
