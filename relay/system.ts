import { DateTime } from "luxon";
import type { Agent } from "./agent.ts";

/**
 * The system prompt of one call: the agent's own, what the caller was greeted
 * with, and the date, without which models ask for days of past years.
 */
export function toSystem(agent: Agent, now: Date): string {
  const today = DateTime.fromJSDate(now, {
    zone: agent.timezone,
  }).setLocale("en-US");
  return [
    agent.system.trim(),
    `The call began with your greeting: "${agent.greeting}"`,
    `Today is ${today.toFormat("cccc, LLLL d, yyyy")} (${today.toISODate() ?? ""}), time zone ${agent.timezone}.`,
  ].join("\n\n");
}
