/** The domain Workers that requests are handed to, and the service binding of each. */
export const WORKER_BINDINGS = {
  auth: "AUTH",
  users: "USERS",
  alerts: "ALERTS",
  notifications: "NOTIFICATIONS",
  email: "EMAIL",
  events: "EVENTS",
  chat: "CHAT",
} as const;

export type WorkerName = keyof typeof WORKER_BINDINGS;
export const WORKER_NAMES = Object.keys(WORKER_BINDINGS) as [WorkerName, ...WorkerName[]];
