/** What the OpenAPI document says about the API as a whole. */
export const INFO = {
  title: "Souk API",
  version: "1",
  summary: "One backend for marketplace apps",
  description:
    "Who may call an operation is its `x-access`: `public` (0), `user` (1: anyone logged in), `friend` (2: anyone logged in whom the object's owner lets see it, 404 for the others) or `admin` (3). An API key takes the place of the access token where an operation names its `x-scope`. Errors are RFC 9457 problems. Lists are read page by page with `cursor` and `limit`. Times are ISO 8601 in UTC; prices are decimal strings.",
  contact: { name: "The Souk developers" },
  license: { name: "MIT", identifier: "MIT" },
};

export const SECURITY_SCHEMES = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "The `accessToken` of `POST /api/v1/auth/login`, good for one hour",
  },
  apiKey: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "souk_...",
    description:
      "A key of `POST /api/v1/auth/api-keys`: it opens the operations whose `x-scope` it was given",
  },
};

/** In the order of the API reference. */
export const TAGS = [
  { name: "auth", description: "Accounts, sessions and tokens" },
  { name: "users", description: "Profiles and preferences" },
  { name: "people", description: "Other people: profiles, search, follows, friends, blocks" },
  { name: "prices", description: "The price of metals, now and before" },
  { name: "alerts", description: "Alerts on prices, and when they fired" },
  { name: "notifications", description: "A person's notifications" },
  {
    name: "realtime",
    description: "Tickets for the WebSocket at `/ws?ticket=...`, which brings notifications as they arise",
  },
  { name: "conversations", description: "Conversations, their members and messages" },
  { name: "message-reports", description: "Reported messages, for moderators" },
  { name: "legal-holds", description: "Conversations of which nothing may be lost, for admins" },
  { name: "emails", description: "Templates and the log of sent mail, for admins" },
  { name: "events", description: "Dead letters and replay, for admins" },
  { name: "operations", description: "Health of the platform" },
];
