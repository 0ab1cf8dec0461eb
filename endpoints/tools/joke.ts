import type { AnswerTool } from "./tool.ts";

export const getProgrammingJoke: AnswerTool = async (
  { tellJoke },
  _args,
  { callId },
) => {
  const { joke, source } = await tellJoke(callId);
  return { joke, source, speech: joke };
};
