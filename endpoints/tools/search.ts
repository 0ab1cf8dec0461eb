import { DateTime } from "luxon";
import { toSpokenList } from "../answer.ts";
import { pickStarts } from "../scheduling.ts";
import type { Start } from "../scheduling.ts";
import { parseTime, toClock, toSpokenDate, toSpokenTime } from "../times.ts";
import type { AnswerTool } from "./tool.ts";

interface SearchArguments {
  date: string;
  service?: string;
  preferred_time?: string;
  limit?: number;
}

const SPOKEN_TIMES = 6;
/** Keeps the answer below 1 KB (design.md section 4). */
const MOST_TIMES = 12;

/** Free times of one day: at most `limit`, the nearest to a wish or spread over the day. */
export const searchAppointments: AnswerTool<SearchArguments> = async (
  { business, availability },
  args,
) => {
  const asked = availability.readDay(args);
  if ("refused" in asked) return availability.refuseWithTimes(asked.refused);
  const { date, service, starts } = asked;
  const free = await availability.freeStarts(service, starts);
  if (free.length === 0) {
    const rest = starts.length === 0 ? "is over" : "is fully booked";
    return availability.refuseWithTimes({
      code: "no_slots",
      error: "No slots available for that date",
      speech: `${toSpokenDate(date)} ${rest}.`,
      near: { date, service },
    });
  }
  const wished =
    args.preferred_time === undefined
      ? undefined
      : nearestReading(args.preferred_time, free);
  const picked = pickStarts(
    free,
    Math.min(args.limit ?? 6, MOST_TIMES),
    wished,
  );
  const times = picked.map(({ minutes }) => toSpokenTime(minutes));
  // Nobody remembers more than a few times that are read out.
  const spoken = times.slice(0, SPOKEN_TIMES);
  const others = free.length - spoken.length;
  return {
    date,
    timezone: business.timezone,
    available_slots: times,
    slots: picked.map(({ minutes, instant }) => ({
      time: toClock(minutes),
      start: DateTime.fromMillis(instant, { zone: business.timezone }).toISO({
        suppressMilliseconds: true,
      }),
    })),
    more: free.length - picked.length,
    speech: `On ${toSpokenDate(date)} I have ${toSpokenList(spoken)}${others > 0 ? `, and ${others} more` : ""}.`,
  };
};

/** Of "2:30" in the morning and in the afternoon, the one nearer to what is free. */
function nearestReading(text: string, free: Start[]): number | undefined {
  const distance = (reading: number) =>
    Math.min(...free.map(({ minutes }) => Math.abs(minutes - reading)));
  return parseTime(text).sort((a, b) => distance(a) - distance(b))[0];
}
