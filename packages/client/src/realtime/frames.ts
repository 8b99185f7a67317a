// Written by "npm run openapi" from packages/kit/src/realtime.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Position: {
            epoch: string;
            offset: number;
        };
        ControlFrame: {
            /** @constant */
            type: "ping";
        } | {
            /** @constant */
            type: "subscribe";
            channel: string;
            since?: {
                epoch: string;
                offset: number;
            };
        } | {
            /** @constant */
            type: "unsubscribe";
            channel: string;
        } | {
            /** @constant */
            type: "received";
            mark: number;
        };
        SingleFrame: {
            /** @constant */
            type: "hello";
            /** Format: uuid */
            userId: string;
            /** Format: date-time */
            at: string;
            /** @description How often to send `ping`. */
            heartbeatMs: number;
        } | {
            /** @constant */
            type: "subscribed";
            channel: string;
            epoch: string;
            offset: number;
            recovered: boolean;
            /** @description What holds now, where the channel has such a thing. */
            latest?: unknown;
        } | {
            /** @constant */
            type: "unsubscribed";
            channel: string;
        } | {
            /** @constant */
            type: "event";
            channel: string;
            epoch: string;
            offset: number;
            data: unknown;
        } | {
            /** @constant */
            type: "ephemeral";
            channel: string;
            data: unknown;
        } | {
            /** @constant */
            type: "position";
            channel: string;
            epoch: string;
            offset: number;
        } | {
            /** @constant */
            type: "ack";
            id: string;
            data?: unknown;
        } | {
            /** @constant */
            type: "error";
            code: string;
            message: string;
            id?: string;
            channel?: string;
            /** @description Seconds after which a repeat may succeed. */
            retryAfter?: number;
        } | {
            /** @constant */
            type: "mark";
            mark: number;
        } | {
            /** @constant */
            type: "pong";
        };
        ServerFrame: {
            /** @constant */
            type: "hello";
            /** Format: uuid */
            userId: string;
            /** Format: date-time */
            at: string;
            /** @description How often to send `ping`. */
            heartbeatMs: number;
        } | {
            /** @constant */
            type: "subscribed";
            channel: string;
            epoch: string;
            offset: number;
            recovered: boolean;
            /** @description What holds now, where the channel has such a thing. */
            latest?: unknown;
        } | {
            /** @constant */
            type: "unsubscribed";
            channel: string;
        } | {
            /** @constant */
            type: "event";
            channel: string;
            epoch: string;
            offset: number;
            data: unknown;
        } | {
            /** @constant */
            type: "ephemeral";
            channel: string;
            data: unknown;
        } | {
            /** @constant */
            type: "position";
            channel: string;
            epoch: string;
            offset: number;
        } | {
            /** @constant */
            type: "ack";
            id: string;
            data?: unknown;
        } | {
            /** @constant */
            type: "error";
            code: string;
            message: string;
            id?: string;
            channel?: string;
            /** @description Seconds after which a repeat may succeed. */
            retryAfter?: number;
        } | {
            /** @constant */
            type: "mark";
            mark: number;
        } | {
            /** @constant */
            type: "pong";
        } | {
            /** @constant */
            type: "batch";
            frames: ({
                /** @constant */
                type: "hello";
                /** Format: uuid */
                userId: string;
                /** Format: date-time */
                at: string;
                /** @description How often to send `ping`. */
                heartbeatMs: number;
            } | {
                /** @constant */
                type: "subscribed";
                channel: string;
                epoch: string;
                offset: number;
                recovered: boolean;
                /** @description What holds now, where the channel has such a thing. */
                latest?: unknown;
            } | {
                /** @constant */
                type: "unsubscribed";
                channel: string;
            } | {
                /** @constant */
                type: "event";
                channel: string;
                epoch: string;
                offset: number;
                data: unknown;
            } | {
                /** @constant */
                type: "ephemeral";
                channel: string;
                data: unknown;
            } | {
                /** @constant */
                type: "position";
                channel: string;
                epoch: string;
                offset: number;
            } | {
                /** @constant */
                type: "ack";
                id: string;
                data?: unknown;
            } | {
                /** @constant */
                type: "error";
                code: string;
                message: string;
                id?: string;
                channel?: string;
                /** @description Seconds after which a repeat may succeed. */
                retryAfter?: number;
            } | {
                /** @constant */
                type: "mark";
                mark: number;
            } | {
                /** @constant */
                type: "pong";
            })[];
        };
        ChatEvent: {
            /** @constant */
            type: "message";
            message: {
                /** Format: uuid */
                conversationId: string;
                seq: number;
                /** Format: uuid */
                id: string;
                senderId: string | null;
                /** @enum {string} */
                kind: "text" | "system";
                text: string | null;
                replyTo: number | null;
                forwarded: {
                    senderId: string | null;
                    /** Format: date-time */
                    sentAt: string;
                } | null;
                hidden: boolean;
                attachments: {
                    /** Format: uuid */
                    mediaId: string;
                    name: string;
                    contentType: string;
                    bytes: number;
                }[];
                mentions: string[];
                /** Format: date-time */
                createdAt: string;
                editedAt: string | null;
                deletedAt: string | null;
                clientMessageId: string | null;
                reactions: {
                    emoji: string;
                    userIds: string[];
                }[];
                pinned: boolean;
                revision: number;
            };
        } | {
            /** @constant */
            type: "conversation";
            /** Format: uuid */
            conversationId: string;
            title: string | null;
            /** @enum {string} */
            history: "all" | "since_joining";
            keepDays: number | null;
            suspended: boolean;
        } | {
            /** @constant */
            type: "member";
            /** Format: uuid */
            conversationId: string;
            member: {
                /** Format: uuid */
                userId: string;
                /** @enum {string} */
                role: "owner" | "admin" | "member";
                /** @enum {string} */
                status: "active" | "requested" | "declined" | "left" | "removed";
                readSeq: number;
                deliveredSeq: number;
                /** Format: date-time */
                joinedAt: string;
            };
        } | {
            /** @constant */
            type: "me";
            /** Format: uuid */
            conversationId: string;
            me: {
                /** @enum {string} */
                role: "owner" | "admin" | "member";
                /** @enum {string} */
                status: "active" | "requested" | "declined" | "left" | "removed";
                readSeq: number;
                deliveredSeq: number;
                mutedUntil: string | null;
                draft: {
                    text: string;
                    replyTo: number | null;
                    /** Format: date-time */
                    updatedAt: string;
                } | null;
            };
            unread: number;
        } | {
            /** @constant */
            type: "hidden";
            /** Format: uuid */
            conversationId: string;
            seq: number;
        } | {
            /** @constant */
            type: "scheduled";
            /** Format: uuid */
            conversationId: string;
            clientMessageId: string;
            revision: number;
            message: {
                /** Format: uuid */
                conversationId: string;
                clientMessageId: string;
                text: string;
                replyTo: number | null;
                attachments: {
                    /** Format: uuid */
                    mediaId: string;
                    name: string;
                    contentType: string;
                    bytes: number;
                }[];
                mentions: string[];
                /** Format: date-time */
                sendAt: string;
                failed: ("forbidden" | "validation_failed" | "internal") | null;
                revision: number;
                /** Format: date-time */
                createdAt: string;
                /** Format: date-time */
                updatedAt: string;
            } | null;
        } | {
            /** @constant */
            type: "typing";
            /** Format: uuid */
            conversationId: string;
            /** Format: uuid */
            userId: string;
        };
        InboxEvent: {
            /** @constant */
            type: "notification";
            notification: {
                /** Format: uuid */
                id: string;
                type: string;
                title: string;
                message: string;
                data: {
                    [key: string]: unknown;
                };
                readAt: string | null;
                /** Format: date-time */
                createdAt: string;
                email: {
                    /** @enum {string} */
                    status: "sent" | "failed";
                    /** Format: date-time */
                    at: string;
                } | null;
            };
            unread: number;
        } | {
            /** @constant */
            type: "unread";
            unread: number;
        } | {
            /** @constant */
            type: "delivery";
            /** Format: uuid */
            notificationId: string;
            /** @enum {string} */
            channel: "email";
            /** @enum {string} */
            status: "sent" | "failed";
            /** Format: date-time */
            at: string;
        };
        InboxLatest: {
            unread: number;
        };
        LivePrice: {
            metal: string;
            currency: string;
            price: string;
            previousPrice: string | null;
            /** Format: date-time */
            quotedAt: string;
            /** Format: date-time */
            fetchedAt: string;
            /** @constant */
            type: "price";
        };
        PresenceEvent: {
            /** @constant */
            type: "presence";
            /** Format: uuid */
            userId: string;
            /** @enum {string} */
            status: "online" | "away" | "offline";
            lastSeenAt: string | null;
            /** Format: date-time */
            at: string;
        };
        HubFrame: {
            /** @constant */
            type: "activity";
            id: string;
            idle: boolean;
        };
        RoomFrame: {
            /** @constant */
            type: "message.send";
            id: string;
            message: {
                clientMessageId: string;
                text: string;
                replyTo?: number;
                attachments?: {
                    /** Format: uuid */
                    mediaId: string;
                    name: string;
                    contentType: string;
                    bytes: number;
                }[];
                mentions?: string[];
            };
        } | {
            /** @constant */
            type: "read";
            id: string;
            seq: number;
        } | {
            /** @constant */
            type: "typing";
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;

type Schemas = components["schemas"];
export type Position = Schemas["Position"];
export type ControlFrame = Schemas["ControlFrame"];
export type SingleFrame = Schemas["SingleFrame"];
export type ServerFrame = Schemas["ServerFrame"];
export type ChatEvent = Schemas["ChatEvent"];
export type InboxEvent = Schemas["InboxEvent"];
export type InboxLatest = Schemas["InboxLatest"];
export type LivePrice = Schemas["LivePrice"];
export type PresenceEvent = Schemas["PresenceEvent"];
export type HubFrame = Schemas["HubFrame"];
export type RoomFrame = Schemas["RoomFrame"];

/** Why the server closes a socket. */
export const CLOSE_CODES = {"session_ended":4001,"not_allowed":4003,"too_many_sockets":4008,"account_gone":4010,"frame_too_large":1009,"slow_consumer":4101,"too_many_frames":4102,"no_heartbeat":4103} as const;
/** After these a client does not connect again by itself. */
export const FINAL_CODES = {"from":4000,"to":4099,"besides":[1002,1003,1007,1008,1009]} as const;
