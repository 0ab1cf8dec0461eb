import { quote, refuse, toSpokenDuration, toSpokenList } from "../answer.ts";
import type { Alternative, Refusal, RefusalCode } from "../answer.ts";
import type { Business, Service } from "../business/business.ts";
import type { Wish } from "../scheduling/availability.ts";
import type { Start } from "../scheduling/starts.ts";
import type { LocalDate } from "../times/calendar.ts";
import { toIso, toLocalDate } from "../times/instants.ts";
import { toSpokenDate, toSpokenTime } from "../times/spoken.ts";
import { fit } from "./size.ts";
import type { Caller, Desk } from "./tool.ts";

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

/** Why a time cannot be had that the hours do not offer, or not any more. */
export function refuseStart(
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
export async function askWhichDay(
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

export function refuseService({ services }: Business, said: string): Refusal {
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
