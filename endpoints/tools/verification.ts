import { refuse, toSpokenDuration } from "../answer.ts";
import type { Refusal } from "../answer.ts";
import { parseConfirmationNumber, readDigits } from "../people/confirmation.ts";
import { MINUTE_MS } from "../scheduling/starts.ts";
import type { Booking, BookingTransaction, Outcome } from "../store/store.ts";
import type { Caller, Desk } from "./tool.ts";

export interface Credentials {
  confirmation_number: string;
  phone_last_four?: string;
}

/** Wrong tries after which a call may change no booking (research/appointments.md section 5). */
const MOST_FAILURES = 5;
/** How long who gives no call id stays locked; a call stays so until it is pruned. */
const ADDRESS_LOCK_MINUTES = 15;

/**
 * The booking that a caller may change: by its number and a second factor,
 * which is the call that made it or the last four digits of its phone. Wrong
 * tries are counted, so what comes instead of a booking has to be committed.
 */
export async function verifyBooking(
  { now }: Desk,
  transaction: BookingTransaction,
  args: Credentials,
  caller: Caller,
): Promise<Booking | Outcome> {
  const subject = caller.callId ?? `from ${caller.address}`;
  const at = now().getTime();
  const { failures, last } = await transaction.countFailures(subject, at);
  const isForgotten =
    caller.callId === undefined && at - last > ADDRESS_LOCK_MINUTES * MINUTE_MS;
  const counted = isForgotten ? 0 : failures;
  if (counted >= MOST_FAILURES) return toOutcome(LOCKED);
  const number = parseConfirmationNumber(args.confirmation_number);
  // Asked for whatever was said, so that a wrong number takes as long as a wrong factor.
  const booking = await transaction.lockBooking(number ?? "");
  if (booking && mayChange(booking, args, caller)) return booking;
  await transaction.setFailures(subject, counted + 1, at);
  return toOutcome(number === undefined ? MISHEARD : NOT_VERIFIED);
}

function toOutcome(answer: Refusal): Outcome {
  return { answer, commit: true, remember: false };
}

export function isOutcome(value: Booking | Outcome): value is Outcome {
  return "answer" in value;
}

/** Why a verified booking can no longer be changed, if so. */
export function refuseLate(
  { business, now }: Desk,
  { start }: Booking,
): Refusal | undefined {
  const minutesLeft = (start - now().getTime()) / MINUTE_MS;
  if (minutesLeft < 0) {
    return refuse(
      "outside_rules",
      "The appointment has already begun or is over",
      "That appointment has already begun, so I can't change it any more.",
    );
  }
  const cutoff = business.cancelCutoffMinutes;
  if (minutesLeft >= cutoff) return undefined;
  const spoken = toSpokenDuration(cutoff);
  return refuse(
    "outside_rules",
    `Appointments can be changed until ${spoken} before they begin`,
    `I'm sorry, I can only change appointments until ${spoken} before they begin.`,
  );
}

const ASK_AGAIN =
  "Could you tell me the confirmation number and the last four digits of your phone number again?";

// One answer for an unknown number and for a wrong or missing factor, so that guessing teaches nothing.
const NOT_VERIFIED = refuse(
  "verification_failed",
  "No appointment fits that confirmation_number and phone_last_four; ask the caller for both again",
  `I couldn't find an appointment with that. ${ASK_AGAIN}`,
);

// The check digit is no secret: anybody can compute it.
const MISHEARD = refuse(
  "verification_failed",
  "That is no confirmation_number: a digit was misheard or left out (ten digits, the last checks the others); ask the caller to read it again digit by digit",
  "I must have misheard a digit of that number. Could you read it to me again, one digit at a time?",
);

const LOCKED = refuse(
  "locked",
  "Too many wrong numbers in this call; no appointment can be changed in it any more",
  "I'm sorry, I can't change appointments in this call any more, because the number was wrong too often.",
);

function mayChange(
  booking: Booking,
  args: Credentials,
  caller: Caller,
): boolean {
  if (booking.customerPhone === null) return true;
  if (booking.callId !== null && booking.callId === caller.callId) return true;
  const lastFour = readDigits(args.phone_last_four ?? "").slice(-4);
  return lastFour.length === 4 && booking.customerPhone.endsWith(lastFour);
}
