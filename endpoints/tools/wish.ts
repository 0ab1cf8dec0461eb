import { quote, refuse, toSpokenDuration, toSpokenList } from "../answer.ts";
import type { Refusal } from "../answer.ts";
import { toNameKey } from "../business/business.ts";
import type { Business, Service } from "../business/business.ts";
import { findClosedDay } from "../scheduling/starts.ts";
import type { Start } from "../scheduling/starts.ts";
import { addDays } from "../times/calendar.ts";
import type { LocalDate } from "../times/calendar.ts";
import { toLocalDate } from "../times/instants.ts";
import { readDate } from "../times/read-date.ts";
import { readTime } from "../times/read-time.ts";
import type { DayPart } from "../times/read-time.ts";
import {
  askWhichDay,
  refuseService,
  refuseStart,
  refuseWithTimes,
  sayDate,
  sayStart,
  toHolder,
} from "./instead.ts";
import type { Caller, Desk } from "./tool.ts";

/** A day that was asked for, and what it can be asked about. */
export interface Day {
  date: LocalDate;
  service: Service;
  part?: DayPart;
  /** What the date said of the time. */
  time?: string;
}

/** Day and service that are meant, or a refusal with what can be had instead. */
export async function readDay(
  desk: Desk,
  args: { date: string; service?: string },
  caller: Caller,
): Promise<Day | Refusal> {
  const { business } = desk;
  const service = findService(business, args.service);
  if (!service) return refuseService(business, args.service ?? "");
  const today = toLocalDate(desk.now(), business.timezone);
  const read = readDate(args.date, {
    today,
    zone: business.timezone,
    country: business.country,
  });
  if ("choices" in read && read.choices.length > 1) {
    // Of days that are all over, none is worth asking for.
    const [first = today] = read.choices;
    return read.choices.every((date) => date < today)
      ? openDay(desk, { date: first }, service, caller)
      : askWhichDay(desk, read.choices, service, caller);
  }
  if ("choices" in read) {
    return refuseWithTimes(
      desk,
      "invalid_arguments",
      `date: expected YYYY-MM-DD or a day like "next Tuesday", received ${quote(args.date)}; today is ${today}`,
      "Which day did you mean?",
      { date: today, service, viewer: toHolder(caller.callId) },
    );
  }
  return openDay(desk, read, service, caller);
}

/** The day, unless it has nothing to offer as a whole. */
async function openDay(
  desk: Desk,
  read: Omit<Day, "service">,
  service: Service,
  caller: Caller,
): Promise<Day | Refusal> {
  const { business } = desk;
  const today = toLocalDate(desk.now(), business.timezone);
  const why = findClosedDay(business, read.date, desk.now());
  if (!why) return { ...read, service };
  const spoken = sayDate(desk, read.date);
  const near = { date: read.date, service, viewer: toHolder(caller.callId) };
  switch (why.code) {
    case "date_in_past":
      return refuseWithTimes(
        desk,
        why.code,
        `${read.date} is in the past; today is ${today}`,
        `${spoken} has already passed.`,
        { ...near, date: today },
      );
    case "outside_rules": {
      const days = business.horizonDays;
      const lastWeek = addDays(today, Math.max(0, days - 6));
      return refuseWithTimes(
        desk,
        why.code,
        `Only ${days} days ahead can be booked; today is ${today}, received ${read.date}`,
        `I can't book as far ahead as ${spoken}, only ${toSpokenDuration(days * 1440)} ahead.`,
        { ...near, date: lastWeek },
      );
    }
    case "closed": {
      const reason = why.name === undefined ? "" : ` for ${why.name}`;
      return refuseWithTimes(
        desk,
        why.code,
        `Closed on ${read.date}${reason}`,
        `We're closed on ${spoken}${reason}.`,
        near,
      );
    }
  }
}

/** The one start that is meant, or why there is none. */
export async function readStart(
  desk: Desk,
  time: string,
  { date, service, part }: Day,
  caller: Caller,
): Promise<Start | Refusal> {
  const { availability, business } = desk;
  const read = readTime(time, { zone: business.timezone });
  const { minutes, which, instant } = read;
  const near = { date, service, viewer: toHolder(caller.callId) };
  if (minutes.length === 0) {
    return refuseWithTimes(
      desk,
      "invalid_arguments",
      `time: expected a time like "2:30 PM" or "14:30", received ${quote(time)}`,
      "What time did you mean?",
      near,
    );
  }
  if (read.date !== undefined && read.date !== date)
    return askWhichDay(desk, [date, read.date], service, caller);
  const readings = choosePart(minutes, part);
  const meant = availability
    .offeredStarts(service, date)
    .filter((start) => readings.includes(start.minutes))
    .filter((start) => which === undefined || start.which === which)
    .filter((start) => instant === undefined || start.instant === instant);
  if (meant.length > 1) {
    const choices = meant.map(sayStart);
    return refuse(
      "ambiguous_time",
      `time: ${toSpokenList(choices)}? Call again with one of them as it is written here`,
      `Did you mean ${toSpokenList(choices)}?`,
      [{ date, times: choices }],
    );
  }
  const [start] = meant;
  return start ?? refuseStart(desk, time, readings, near);
}

/** "Tomorrow afternoon" says which half of the day an hour is in. */
export function choosePart(
  readings: number[],
  part: DayPart | undefined,
): number[] {
  if (part === undefined || readings.length < 2) return readings;
  return readings.filter((minutes) => minutes < 720 === (part === "morning"));
}

function findService(
  business: Business,
  name: string | undefined,
): Service | undefined {
  if (name === undefined) return business.services[0];
  const key = toNameKey(name);
  return business.services.find((service) => toNameKey(service.name) === key);
}
