import { recordDelivery } from "../services/record-delivery.ts";

/** Records the mail about an event as sent (S2-NOTIF-10). */
export const emailSent = recordDelivery;
