import { quote, refuse, toSpokenDuration, toSpokenList } from "../answer.ts";
import type { Alternative, Refusal, RefusalCode } from "../answer.ts";
import { toNameKey } from "../business/business.ts";
import type { Business, Service } from "../business/business.ts";
import type { Wish } from "../scheduling/availability.ts";
import { findClosedDay } from "../scheduling/starts.ts";
import type { Start } from "../scheduling/starts.ts";
import { addDays } from "../times/calendar.ts";
import type { LocalDate } from "../times/calendar.ts";
import { readDate } from "../times/read-date.ts";
import { readTime } from "../times/read-time.ts";
import type { DayPart } from "../times/read-time.ts";
import { toSpokenDate, toSpokenTime } from "../times/spoken.ts";
import { toIso, toLocalDate } from "../times/instants.ts";
import { fit } from "./size.ts";
import type { Caller, Desk } from "./tool.ts";

/** A day that was asked for, and what it can be asked about. */
export interface Day {
  date: LocalDate;
  service: Service;
  part?: DayPart;
  /** What the date said of the time. */
  time?: string;
}

/** The owner of a call's hold, which does not stand in the call's own way. */
export function toHolder(callId: string | undefined): string | undefined {
  return callId === undefined ? undefined : `hold of ${callId}`;
}

/** The time of a start for the ear: "1:30 AM (first)" where the clock shows it twice. */
export function sayStart({ minutes, which }: Start): string {
  const time = toSpokenTime(minutes);
  return which === undefined ? time : `${time} (${which})`;
}

/** A day for the ear. */
export function sayDate({ business, now }: Desk, date: LocalDate): string {
  return toSpokenDate(date, toLocalDate(now(), business.timezone));
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

/** Why a time cannot be had that the hours do not offer, or not any more. */
function refuseStart(
  desk: Desk,
  time: string,
  readings: number[],
  near: Wish,
): Promise<Refusal> {
  const { availability, business, now } = desk;
  const { date, service } = near;
  const starts = availability.startsOf(service, date);
  const wished = nearestTo(readings, starts) ?? 0;
  const wish = { ...near, minutes: wished };
  const spoken = `${toSpokenTime(wished)} on ${sayDate(desk, date)}`;
  const early = starts.find(({ minutes }) => minutes === wished);
  if (early && early.instant < now().getTime()) {
    return refuseWithTimes(
      desk,
      "date_in_past",
      `${quote(time)} on ${date} is in the past; it is ${toIso(now().getTime(), business.timezone)}`,
      `${spoken} has already passed.`,
      wish,
    );
  }
  const notice = toSpokenDuration(business.noticeMinutes);
  return refuseWithTimes(
    desk,
    "outside_rules",
    early
      ? `Appointments are booked ${notice} ahead at least; ${quote(time)} on ${date} is too soon`
      : `${quote(time)} is not one of the times offered on ${date}`,
    early
      ? `${spoken} is too soon, I need ${notice} of notice.`
      : `I can't book ${spoken}.`,
    wish,
  );
}

/** Of "9:15" in the morning and at night, the one nearer to when there are starts. */
export function nearestTo(
  readings: number[],
  starts: Start[],
): number | undefined {
  const distance = (reading: number) =>
    Math.min(...starts.map(({ minutes }) => Math.abs(minutes - reading)));
  return readings.toSorted((a, b) => distance(a) - distance(b))[0];
}

/** The refusal with times that can be had: on the day itself, then on the next days with room. */
export async function refuseWithTimes(
  desk: Desk,
  code: RefusalCode,
  error: string,
  speech: string,
  near: Wish,
): Promise<Refusal> {
  const found = await desk.availability.findTimes(near);
  const alternatives = found.map(toAlternative);
  const [next] = alternatives;
  const offer = next
    ? ` I have ${toSpokenList(next.times)} on ${sayDate(desk, next.date)}.`
    : "";
  return refuse(code, error, speech + offer, alternatives);
}

/** A weekday that contradicts its date, or a time with another date: only the caller knows which one is wrong. */
async function askWhichDay(
  desk: Desk,
  choices: LocalDate[],
  service: Service,
  caller: Caller,
): Promise<Refusal> {
  const alternatives: Alternative[] = [];
  for (const date of choices) {
    const wish = { date, service, viewer: toHolder(caller.callId) };
    const [first] = await desk.availability.findTimes(wish);
    alternatives.push(
      first?.date === date ? toAlternative(first) : { date, times: [] },
    );
  }
  return refuse(
    "ambiguous_time",
    `date: two days were said that do not fit; ${choices.join(" or ")}?`,
    `Did you mean ${toSpokenList(choices.map((date) => sayDate(desk, date)))}?`,
    alternatives,
  );
}

function refuseService({ services }: Business, said: string): Refusal {
  const names = services.map(({ name }) => name);
  return fit(names.length, (count) => {
    const told = names.slice(0, count);
    const rest = names.length - count;
    const others = rest > 0 ? [`${rest} more`] : [];
    return refuse(
      "invalid_arguments",
      `service: expected one of ${[...told, ...others].join(", ")}, received ${quote(said)}`,
      `We offer ${toSpokenList([...told, ...others])}. Which one would you like?`,
    );
  });
}

function toAlternative({
  date,
  starts,
}: {
  date: LocalDate;
  starts: Start[];
}): Alternative {
  return { date, times: starts.map(sayStart) };
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
