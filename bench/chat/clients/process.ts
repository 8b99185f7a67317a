import { Crowd } from "./crowd.ts";
import { Question } from "./questions.ts";

/** The clients of a run, in a process of their own: what they cost is not the server's. */
const crowd = new Crowd();

async function answer({ question }: Question): Promise<unknown> {
  if (question.ask === "join") return crowd.join(question.seats);
  if (question.ask === "leave") return crowd.leave();
  if (question.ask === "idle") return crowd.idle();
  if (question.ask === "fill") return crowd.fill(question.messages);
  return crowd.load(question.plan, question.reach, question.posts);
}

process.on("message", (raw) => {
  const asked = Question.parse(raw);
  answer(asked).then(
    (data) => process.send?.({ answered: asked.id, data: data ?? null }),
    (error: unknown) => process.send?.({ answered: asked.id, error: String(error) }),
  );
});
process.send?.({ url: "" });
