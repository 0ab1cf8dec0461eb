import type { AnswerTool } from "./tool.ts";

export const getProgrammingJoke: AnswerTool = async ({ tellJoke }) => {
  const { joke, source } = await tellJoke();
  return { joke, source, speech: joke };
};
