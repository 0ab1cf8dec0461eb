import { randomUUID } from "node:crypto";
import { refuse } from "../answer.ts";
import type { Refusal } from "../answer.ts";
import { GRAIN_MINUTES } from "../business.ts";
import type { Business, Service } from "../business.ts";
import { newConfirmationNumber, toSpokenNumber } from "../confirmation.ts";
import { readName, readPhone } from "../customer.ts";
import { MISMATCH, toExecution } from "../execution.ts";
import { freeLanes, toGrains } from "../scheduling.ts";
import type { Lane, Start } from "../scheduling.ts";
import type { BookingTransaction } from "../store/store.ts";
import { toClock, toSpokenDate, toSpokenTime } from "../times.ts";
import type { AnswerTool } from "./tool.ts";

interface BookArguments {
  date: string;
  time: string;
  customer_name: string;
  customer_phone?: string;
  service?: string;
}

/** Books one start in the first lane that is free; the claims' unique key is the last judge. */
export const bookAppointment: AnswerTool<BookArguments> = async (
  desk,
  args,
  caller,
) => {
  const { business, store, availability } = desk;
  const created = desk.now().getTime();
  const execution = toExecution("book_appointment", args, caller, created);
  // What was booked stays booked when the rules no longer allow its time.
  const known = await store.recall(execution);
  if (known !== undefined) return known === "mismatch" ? MISMATCH : known;
  const asked = availability.readDay(args);
  if ("refused" in asked) return availability.refuseWithTimes(asked.refused);
  const { date, service } = asked;
  const customer = readCustomer(args, business);
  if ("code" in customer) return customer;
  const start = availability.readStart(args.time, asked);
  if ("code" in start) return start;
  if ("refused" in start) return availability.refuseWithTimes(start.refused);

  const time = toSpokenTime(start.minutes);
  const answer = await store.execute(execution, async (transaction) => {
    const id = randomUUID();
    const lane = await claimLane(transaction, business, service, start, id);
    if (!lane) return { answer: TAKEN, commit: false, remember: false };
    const booking = {
      id,
      ...lane,
      start: start.instant,
      end: start.instant + service.minutes * 60_000,
      zone: business.timezone,
      localStart: `${date}T${toClock(start.minutes)}`,
      service: service.name,
      ...customer,
      callId: caller.callId ?? null,
      status: "confirmed" as const,
      created,
    };
    let number = newConfirmationNumber();
    while (!(await transaction.insertBooking({ ...booking, number })))
      number = newConfirmationNumber();
    return {
      answer: {
        confirmation_number: number,
        date,
        time,
        timezone: business.timezone,
        service: service.name,
        speech: `You're booked for ${toSpokenDate(date)} at ${time}. Your confirmation number is ${toSpokenNumber(number)}.`,
      },
      commit: true,
      bookingId: id,
      remember: true,
    };
  });
  if (answer === "mismatch") return MISMATCH;
  if (answer !== TAKEN) return answer;
  return availability.refuseWithTimes({
    code: "slot_taken",
    error: `${time} on ${date} is already taken`,
    speech: `${time} on ${toSpokenDate(date)} is already taken.`,
    near: { date, service, minutes: start.minutes },
  });
};

const TAKEN = refuse(
  "slot_taken",
  "That time is already taken",
  "That time is already taken.",
);

function readCustomer(
  args: BookArguments,
  business: Business,
): Refusal | { customerName: string; customerPhone: string | null } {
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
  if (customerPhone !== undefined) return { customerName, customerPhone };
  return refuse(
    "invalid_arguments",
    "customer_phone: expected a full phone number with its area code",
    "I didn't get that phone number. Could you say it again with the area code?",
  );
}

async function claimLane(
  transaction: BookingTransaction,
  business: Business,
  service: Service,
  { instant }: Start,
  bookingId: string,
): Promise<Lane | undefined> {
  const grains = toGrains(instant, service);
  const end = (grains.at(-1) ?? instant) + GRAIN_MINUTES * 60_000;
  const claims = await transaction.listClaims(instant, end);
  for (const lane of freeLanes(business, service, instant, claims)) {
    if (await transaction.claim(lane, grains, bookingId)) return lane;
  }
  return undefined;
}
