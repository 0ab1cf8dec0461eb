import { maskName, readPhone } from "../people/customer.ts";
import type { Booking } from "../store/store.ts";
import { toSpokenTime } from "../times/spoken.ts";
import { toWall } from "../times/instants.ts";
import { NO_PHONE } from "./book.ts";
import { fit } from "./size.ts";
import type { AnswerTool, Desk } from "./tool.ts";
import { sayDate } from "./instead.ts";

interface LookupArguments {
  customer_phone: string;
}

const MOST_TOLD = 3;

/**
 * The next live appointments of a phone number. Whoever calls can say any
 * number, so names are masked and of the confirmation number two digits told.
 */
export const lookupAppointments: AnswerTool<LookupArguments> = async (
  desk,
  args,
) => {
  const { business, store, now } = desk;
  const phone = readPhone(args.customer_phone, business.country);
  if (phone === undefined) return NO_PHONE;
  const found = await store.findUpcoming(phone, now().getTime(), MOST_TOLD + 1);
  return fit(Math.min(found.length, MOST_TOLD), (count) => {
    const told = found.slice(0, count).map(tell);
    const more = found.length > count;
    return {
      appointments: told,
      ...(more ? { more } : {}),
      speech: say(desk, told, more),
    };
  });
};

function say(
  desk: Desk,
  told: ReturnType<typeof tell>[],
  more: boolean,
): string {
  if (told.length === 0) return "I found no appointment ahead for that number.";
  const spoken = told.map(
    ({ date, time, service }) =>
      `${service} on ${sayDate(desk, date)} at ${time}`,
  );
  return `I found: ${spoken.join("; and ")}${more ? "; and more after that" : ""}.`;
}

/** In the zone in which it was agreed. */
function tell({ start, zone, service, customerName, number }: Booking) {
  const { date, minutes } = toWall(start, zone);
  return {
    date,
    time: toSpokenTime(minutes),
    service,
    name: maskName(customerName),
    number_ends_with: number.slice(-2),
  };
}
