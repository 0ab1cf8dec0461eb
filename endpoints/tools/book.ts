import { randomUUID } from "node:crypto";
import { refuse } from "../answer.ts";
import type { Refusal } from "../answer.ts";
import type { Business } from "../business/business.ts";
import { MISMATCH, toExecution } from "../execution.ts";
import {
  newConfirmationNumber,
  toSpokenNumber,
} from "../people/confirmation.ts";
import { readName, readPhone } from "../people/customer.ts";
import type { Service } from "../business/business.ts";
import type { Start } from "../scheduling/starts.ts";
import type { BookingTransaction, Outcome } from "../store/store.ts";
import { claimLane, dropOwnHold, toPlace } from "./claim.ts";
import type { AnswerTool, Caller, Desk } from "./tool.ts";
import { refuseWithTimes, sayDate, sayStart, toHolder } from "./instead.ts";
import { readDay, readStart } from "./wish.ts";

interface BookArguments {
  date: string;
  time: string;
  customer_name: string;
  customer_phone?: string;
  service?: string;
}

/** Books one start in the first lane that is free. */
export const bookAppointment: AnswerTool<BookArguments> = async (
  desk,
  args,
  caller,
) => {
  const { business, store } = desk;
  const created = desk.now().getTime();
  const execution = toExecution("book_appointment", args, caller, created);
  // What was booked stays booked when the rules no longer allow its time.
  const known = await store.recall(execution);
  if (known !== undefined) return known === "mismatch" ? MISMATCH : known;
  const day = await readDay(desk, args, caller);
  if ("code" in day) return day;
  const customer = readCustomer(args, business);
  if ("code" in customer) return customer;
  const start = await readStart(desk, args.time, day, caller);
  if ("code" in start) return start;

  const { service } = day;
  const answer = await store.execute(execution, (transaction) =>
    book(desk, transaction, { service, start, customer, caller, created }),
  );
  if (answer === "mismatch") return MISMATCH;
  return answer === TAKEN ? refuseTaken(desk, service, start, caller) : answer;
};

interface Order {
  service: Service;
  start: Start;
  customer: Customer;
  caller: Caller;
  created: number;
}

async function book(
  desk: Desk,
  transaction: BookingTransaction,
  { service, start, customer, caller, created }: Order,
): Promise<Outcome> {
  const { callId } = caller;
  if (await hasTooMany(desk.business, transaction, customer, created))
    return { answer: TOO_MANY, commit: false, remember: false };
  // Begins with the time, so that bookings of one batch share pages of an index.
  const id = `${created.toString(36)}-${randomUUID()}`;
  const lane = await claimLane(desk, transaction, service, start, id, {
    over: toHolder(callId),
  });
  if (!lane) return { answer: TAKEN, commit: false, remember: false };
  await dropOwnHold(desk, transaction, caller);
  const booking = {
    id,
    ...toPlace(desk, service, start, lane),
    service: service.name,
    ...customer,
    callId: callId ?? null,
    status: "confirmed" as const,
    created,
  };
  let number = newConfirmationNumber();
  while (!(await transaction.insertBooking({ ...booking, number })))
    number = newConfirmationNumber();
  await transaction.audit({
    bookingId: id,
    action: "booked",
    callId,
    start: start.instant,
    at: created,
  });
  return {
    answer: toBooked(desk, number, service.name, start, "You're booked for"),
    commit: true,
    bookingId: id,
    remember: true,
  };
}

/** The answer that tells a booking as it is now. */
export function toBooked(
  desk: Desk,
  number: string,
  service: string,
  start: Start,
  words: string,
) {
  const { date } = start;
  const time = sayStart(start);
  return {
    confirmation_number: number,
    date,
    time,
    timezone: desk.business.timezone,
    service,
    speech: `${words} ${sayDate(desk, date)} at ${time}. Your confirmation number is ${toSpokenNumber(number)}.`,
  };
}

export function refuseTaken(
  desk: Desk,
  service: Service,
  start: Start,
  caller: Caller,
): Promise<Refusal> {
  const { date, minutes } = start;
  const time = sayStart(start);
  return refuseWithTimes(
    desk,
    "slot_taken",
    `${time} on ${date} is already taken`,
    `${time} on ${sayDate(desk, date)} is already taken.`,
    { date, service, minutes, viewer: toHolder(caller.callId) },
  );
}

/** Told by itself only inside a transaction; callers hear it with times that can be had. */
export const TAKEN = refuse(
  "slot_taken",
  "That time is already taken",
  "That time is already taken.",
);

const TOO_MANY = refuse(
  "outside_rules",
  "This phone number has as many appointments ahead as one number may have",
  "There are already as many appointments for this number as I can book. Would you like to change one of them?",
);

async function hasTooMany(
  { bookingsPerPhone }: Business,
  transaction: BookingTransaction,
  { customerPhone }: Customer,
  now: number,
): Promise<boolean> {
  if (customerPhone === null || bookingsPerPhone === Infinity) return false;
  const count = await transaction.countBookings(customerPhone, now);
  return count >= bookingsPerPhone;
}

interface Customer {
  customerName: string;
  customerPhone: string | null;
}

function readCustomer(
  args: BookArguments,
  business: Business,
): Refusal | Customer {
  const customerName = readName(args.customer_name);
  if (customerName === undefined) {
    return refuse(
      "invalid_arguments",
      "customer_name: expected the caller's name",
      "What name shall I put the appointment under?",
    );
  }
  if (args.customer_phone === undefined)
    return { customerName, customerPhone: null };
  const customerPhone = readPhone(args.customer_phone, business.country);
  return customerPhone === undefined
    ? NO_PHONE
    : { customerName, customerPhone };
}

export const NO_PHONE = refuse(
  "invalid_arguments",
  "customer_phone: expected a full phone number with its area code",
  "I didn't get that phone number. Could you say it again with the area code?",
);
