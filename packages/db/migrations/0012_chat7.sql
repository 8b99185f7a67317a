CREATE TABLE "chat"."hidden" (
	"conversation_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	CONSTRAINT "hidden_conversation_id_user_id_seq_pk" PRIMARY KEY("conversation_id","user_id","seq")
);
--> statement-breakpoint
ALTER TABLE "chat"."members" ADD COLUMN "draft" jsonb;--> statement-breakpoint
ALTER TABLE "chat"."messages" ADD COLUMN "origin_sender_id" uuid;--> statement-breakpoint
ALTER TABLE "chat"."messages" ADD COLUMN "origin_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "chat"."messages" ADD COLUMN "edits" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "chat"."reports" ADD COLUMN "edits" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "chat"."hidden" ADD CONSTRAINT "hidden_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "chat"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "hidden_user_idx" ON "chat"."hidden" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "messages_origin_idx" ON "chat"."messages" USING btree ("origin_sender_id","conversation_id") WHERE "chat"."messages"."origin_sender_id" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "chat"."messages" ADD CONSTRAINT "messages_have_one_origin" CHECK ("chat"."messages"."origin_sender_id" IS NULL OR "chat"."messages"."origin_at" IS NOT NULL);