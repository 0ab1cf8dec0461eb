import { toSpokenList } from "../answer.ts";
import { pickStarts } from "../scheduling/pick.ts";
import type { Start } from "../scheduling/starts.ts";
import type { LocalDate } from "../times/calendar.ts";
import type { DayPart } from "../times/read-time.ts";
import { readPart, readTime } from "../times/read-time.ts";
import { toClock } from "../times/spoken.ts";
import { toIso } from "../times/instants.ts";
import { fit } from "./size.ts";
import type { AnswerTool, Desk } from "./tool.ts";
import {
  nearestTo,
  refuseWithTimes,
  sayDate,
  sayStart,
  toHolder,
} from "./instead.ts";
import { choosePart, readDay } from "./wish.ts";

interface SearchArguments {
  date: string;
  service?: string;
  preferred_time?: string;
  limit?: number;
}

const SPOKEN_TIMES = 6;
/** What the document promises; fewer where they are long. */
const MOST_TIMES = 12;
/** The middle of a part of the day, for who wishes for no hour. */
const MIDDLE: Record<DayPart, number> = {
  morning: 600,
  afternoon: 870,
  evening: 1110,
};

/** Free times of one day: at most `limit`, the nearest to a wish or spread over the day. */
export const searchAppointments: AnswerTool<SearchArguments> = async (
  desk,
  args,
  caller,
) => {
  const { business, availability } = desk;
  const day = await readDay(desk, args, caller);
  if ("code" in day) return day;
  const { date, service, part } = day;
  const viewer = toHolder(caller.callId);
  const starts = availability.offeredStarts(service, date);
  const free = await availability.freeStarts({ service, viewer }, starts);
  const text = args.preferred_time ?? day.time;
  const wished = toWished(text, part, free, business.timezone);
  if (free.length === 0) {
    // Over, too near for the notice, or too short for the service.
    const rest = starts.length === 0 ? "has no times left" : "is fully booked";
    return refuseWithTimes(
      desk,
      "no_slots",
      "No slots available for that date",
      `${sayDate(desk, date)} ${rest}.`,
      {
        date,
        service,
        viewer,
        ...(wished === undefined ? {} : { minutes: wished }),
      },
    );
  }
  return fit(Math.min(args.limit ?? 6, MOST_TIMES, free.length), (count) =>
    offer(desk, date, free, pickStarts(free, count, wished)),
  );
};

function offer(desk: Desk, date: LocalDate, free: Start[], picked: Start[]) {
  const { timezone } = desk.business;
  const times = picked.map(sayStart);
  // Nobody remembers more than a few times that are read out.
  const spoken = times.slice(0, SPOKEN_TIMES);
  const others = free.length - spoken.length;
  return {
    date,
    timezone,
    available_slots: times,
    slots: picked.map(({ minutes, instant }) => ({
      time: toClock(minutes),
      start: toIso(instant, timezone),
    })),
    more: free.length - picked.length,
    speech: `On ${sayDate(desk, date)} I have ${toSpokenList(spoken)}${others > 0 ? `, and ${others} more` : ""}.`,
  };
}

/** Of "2:30" in the morning and in the afternoon, the one nearer to what is free. */
function toWished(
  text: string | undefined,
  part: DayPart | undefined,
  free: Start[],
  zone: string,
): number | undefined {
  if (text === undefined) return part && MIDDLE[part];
  const { minutes } = readTime(text, { zone });
  if (minutes.length > 0) return nearestTo(choosePart(minutes, part), free);
  const said = readPart(text) ?? part;
  return said && MIDDLE[said];
}
