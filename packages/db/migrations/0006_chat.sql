CREATE SCHEMA "chat";
--> statement-breakpoint
CREATE TABLE "chat"."conversations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"title" text,
	"object_type" text,
	"object_id" uuid,
	"history" text NOT NULL,
	"suspended_at" timestamp with time zone,
	"last_seq" integer NOT NULL,
	"last_activity_at" timestamp with time zone NOT NULL,
	"member_count" integer NOT NULL,
	"revision" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "conversations_object_key" UNIQUE("object_type","object_id"),
	CONSTRAINT "conversations_known_kind" CHECK ("chat"."conversations"."kind" IN ('direct', 'group', 'object')),
	CONSTRAINT "conversations_known_history" CHECK ("chat"."conversations"."history" IN ('all', 'since_joining')),
	CONSTRAINT "conversations_gapless" CHECK ("chat"."conversations"."last_seq" >= 0)
);
--> statement-breakpoint
CREATE TABLE "chat"."erased" (
	"person" text PRIMARY KEY NOT NULL,
	"erased_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "chat"."members" (
	"conversation_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"role" text NOT NULL,
	"status" text NOT NULL,
	"visible_from" integer NOT NULL,
	"visible_to" integer,
	"read_seq" integer NOT NULL,
	"delivered_seq" integer NOT NULL,
	"written" integer NOT NULL,
	"written_read" integer NOT NULL,
	"muted_until" timestamp with time zone,
	"revision" integer NOT NULL,
	"joined_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "members_conversation_id_user_id_pk" PRIMARY KEY("conversation_id","user_id"),
	CONSTRAINT "members_known_role" CHECK ("chat"."members"."role" IN ('owner', 'admin', 'member')),
	CONSTRAINT "members_known_status" CHECK ("chat"."members"."status" IN ('active', 'requested', 'declined', 'left', 'removed')),
	CONSTRAINT "members_read_is_delivered" CHECK ("chat"."members"."read_seq" <= "chat"."members"."delivered_seq"),
	CONSTRAINT "members_wrote_what_they_read" CHECK ("chat"."members"."written_read" BETWEEN 0 AND "chat"."members"."written")
);
--> statement-breakpoint
CREATE TABLE "chat"."messages" (
	"conversation_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"id" uuid NOT NULL,
	"sender_id" uuid,
	"kind" text NOT NULL,
	"text" text,
	"reply_to" integer,
	"attachments" jsonb NOT NULL,
	"mentions" jsonb NOT NULL,
	"revision" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"edited_at" timestamp with time zone,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "messages_conversation_id_seq_pk" PRIMARY KEY("conversation_id","seq"),
	CONSTRAINT "messages_id_unique" UNIQUE("id"),
	CONSTRAINT "messages_known_kind" CHECK ("chat"."messages"."kind" IN ('text', 'system')),
	CONSTRAINT "messages_from_one" CHECK ("chat"."messages"."seq" >= 1),
	CONSTRAINT "messages_deleted_are_empty" CHECK ("chat"."messages"."deleted_at" IS NULL OR "chat"."messages"."text" IS NULL)
);
--> statement-breakpoint
CREATE TABLE "chat"."report_reads" (
	"id" uuid PRIMARY KEY NOT NULL,
	"report_id" uuid NOT NULL,
	"reader_id" uuid NOT NULL,
	"read_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "chat"."reports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"conversation_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"reporter_id" uuid NOT NULL,
	"reported_id" uuid,
	"reason" text NOT NULL,
	"note" text,
	"context" jsonb NOT NULL,
	"outcome" text,
	"resolved_by" uuid,
	"resolved_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "reports_once_key" UNIQUE("reporter_id","conversation_id","seq"),
	CONSTRAINT "reports_known_reason" CHECK ("chat"."reports"."reason" IN ('spam', 'harassment', 'fraud', 'illegal', 'other')),
	CONSTRAINT "reports_known_outcome" CHECK ("chat"."reports"."outcome" IS NULL OR "chat"."reports"."outcome" IN ('dismissed', 'message_removed', 'conversation_suspended')),
	CONSTRAINT "reports_resolved_by_someone" CHECK (("chat"."reports"."outcome" IS NULL) = ("chat"."reports"."resolved_at" IS NULL))
);
--> statement-breakpoint
ALTER TABLE "chat"."members" ADD CONSTRAINT "members_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "chat"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chat"."messages" ADD CONSTRAINT "messages_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "chat"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chat"."report_reads" ADD CONSTRAINT "report_reads_report_id_reports_id_fk" FOREIGN KEY ("report_id") REFERENCES "chat"."reports"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "members_user_idx" ON "chat"."members" USING btree ("user_id","status");--> statement-breakpoint
CREATE INDEX "messages_sender_idx" ON "chat"."messages" USING btree ("sender_id","created_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "messages_document_idx" ON "chat"."messages" USING gin (to_tsvector('simple', coalesce(text, '')));--> statement-breakpoint
CREATE INDEX "report_reads_report_idx" ON "chat"."report_reads" USING btree ("report_id");--> statement-breakpoint
CREATE INDEX "reports_open_idx" ON "chat"."reports" USING btree ("id") WHERE "chat"."reports"."outcome" IS NULL;--> statement-breakpoint
CREATE INDEX "reports_reported_idx" ON "chat"."reports" USING btree ("reported_id");