CREATE TABLE "chat"."scheduled" (
	"conversation_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"client_message_id" text NOT NULL,
	"text" text NOT NULL,
	"reply_to" integer,
	"attachments" jsonb NOT NULL,
	"mentions" jsonb NOT NULL,
	"send_at" timestamp with time zone NOT NULL,
	"failed" text,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "scheduled_conversation_id_user_id_client_message_id_pk" PRIMARY KEY("conversation_id","user_id","client_message_id"),
	CONSTRAINT "scheduled_known_failure" CHECK ("chat"."scheduled"."failed" IS NULL OR "chat"."scheduled"."failed" IN ('forbidden', 'validation_failed', 'internal'))
);
--> statement-breakpoint
ALTER TABLE "chat"."scheduled" ADD CONSTRAINT "scheduled_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "chat"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "scheduled_user_idx" ON "chat"."scheduled" USING btree ("user_id");