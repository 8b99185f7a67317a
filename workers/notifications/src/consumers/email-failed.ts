import { recordDelivery } from "../services/record-delivery.ts";

/** Records the mail about an event as failed (S2-NOTIF-10). */
export const emailFailed = recordDelivery;
