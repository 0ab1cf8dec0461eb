import { toSpokenDuration } from "../answer.ts";
import { fit } from "./size.ts";
import type { AnswerTool } from "./tool.ts";

/** Nobody remembers more that are read out. */
const MOST_TOLD = 10;

export const listServices: AnswerTool = async ({ business: { services } }) =>
  fit(Math.min(services.length, MOST_TOLD), (count) => {
    const told = services.slice(0, count);
    const rest = services.length - count;
    const spoken = told.map(
      ({ name, minutes }) => `${name}, ${toSpokenDuration(minutes)}`,
    );
    return {
      services: told.map(({ name, minutes }) => ({ name, minutes })),
      ...(rest > 0 ? { more: rest } : {}),
      speech: `We offer: ${spoken.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}.`,
    };
  });
