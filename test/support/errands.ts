/** One tool call; `confirmation_number: OWN_NUMBER` means what this errand has booked. */
export interface Step {
  tool: "book" | "cancel" | "reschedule" | "hold";
  args: Record<string, string>;
  /** Idempotency-Key. */
  key?: string;
}

/** What one phone call wants: steps one after another. */
export interface Errand {
  callId: string;
  steps: Step[];
}

/** A step with what came back, byte for byte. */
export interface Answered extends Step {
  callId: string;
  status: number;
  body: string;
}

export const OWN_NUMBER = "the number that was booked";

/** Where time is fought for: starts every 15 minutes from 07:00, 50 a day. */
const STARTS_PER_DAY = 50;
/** The fighters' clock, so that the days below are always ahead. */
export const FIGHT_NOW = new Date("2026-03-02T12:00:00Z");
/** 100 slots. */
export const FIGHT_DAYS = ["2026-03-09", "2026-03-10"];

export const FIGHT_SERVICES = [
  { name: "quick", minutes: 15, every: 15 },
  { name: "check", minutes: 30, every: 15, buffer_after: 5 },
  { name: "visit", minutes: 45, every: 15, buffer_before: 10 },
  { name: "long", minutes: 60, every: 15, buffer_before: 5, buffer_after: 10 },
];

const WEEK = "monday tuesday wednesday thursday friday saturday sunday";

/** Rules of a business as a file says them: open every day, four lengths, buffers. */
export function fightBusiness(capacity: number): object {
  return {
    name: "Fight",
    timezone: "America/Los_Angeles",
    country: "US",
    services: FIGHT_SERVICES,
    resources: [{ name: "main", capacity }],
    hours: Object.fromEntries(
      WEEK.split(" ").map((day) => [day, ["07:00-19:30"]]),
    ),
  };
}

/** "HH:MM" of the n-th start of a day. */
function toTime(start: number): string {
  const minutes = 7 * 60 + start * 15;
  const hour = String(Math.floor(minutes / 60)).padStart(2, "0");
  return `${hour}:${String(minutes % 60).padStart(2, "0")}`;
}

/** Random wishes for time on some days. */
export function createWishes(random: () => number, days: string[]) {
  const pick = <T>(list: readonly T[]): T =>
    list[Math.floor(random() * list.length)] as T;
  const when = () => ({
    date: pick(days),
    time: toTime(Math.floor(random() * STARTS_PER_DAY)),
  });
  const book = (): Step => ({
    tool: "book",
    args: {
      ...when(),
      service: pick(FIGHT_SERVICES).name,
      customer_name: "Ann Lee",
      ...(random() < 0.5 ? { customer_phone: "415-555-2671" } : {}),
    },
  });
  const change = (tool: "cancel" | "reschedule"): Step => ({
    tool,
    args: {
      confirmation_number: OWN_NUMBER,
      ...(tool === "cancel" ? {} : when()),
    },
  });

  /** A hold and, mostly, a booking of that time or of another. */
  function holdFirst(): Step[] {
    const booking = book();
    const { date = "", time = "", service = "" } = booking.args;
    const hold: Step = { tool: "hold", args: { date, time, service } };
    return pick([[hold], [hold, booking], [hold, book()]]);
  }

  return {
    /** One booking. */
    book,
    /** A call that books, and often changes its mind. */
    mixed: (): Step[] =>
      pick([
        () => [book()],
        () => [book(), change("cancel")],
        () => [book(), change("reschedule")],
        () => [book(), change("reschedule"), change("cancel")],
        () => [book(), change("cancel"), book()],
        holdFirst,
      ])(),
  };
}

/** The n-th of 100 bookings that do not stand in each other's way. */
export function newBooking(index: number, key?: string): Step {
  const args = {
    date: FIGHT_DAYS[Math.floor(index / STARTS_PER_DAY)] ?? "",
    time: toTime(index % STARTS_PER_DAY),
    service: "quick",
    customer_name: "Ann Lee",
  };
  return { tool: "book", args, ...(key === undefined ? {} : { key }) };
}

/** Each errand so many times; neighbours go to different processes at the same moment. */
export function copyErrands(errands: Errand[], copies: number): Errand[] {
  return errands.flatMap((errand) =>
    Array.from({ length: copies }, () => errand),
  );
}
