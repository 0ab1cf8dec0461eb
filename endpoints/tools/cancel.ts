import { refuse } from "../answer.ts";
import { parseConfirmationNumber } from "../confirmation.ts";
import { MISMATCH, toExecution } from "../execution.ts";
import type { Booking } from "../store/store.ts";
import type { AnswerTool, Caller } from "./tool.ts";

interface CancelArguments {
  confirmation_number: string;
  phone_last_four?: string;
}

/** Cancels a booking for the call that made it, or for who knows its phone's last four digits. */
export const cancelAppointment: AnswerTool<CancelArguments> = async (
  { store, now },
  args,
  caller,
) => {
  const number = parseConfirmationNumber(args.confirmation_number);
  const execution = toExecution(
    "cancel_appointment",
    args,
    caller,
    now().getTime(),
  );
  const answer = await store.execute(execution, async (transaction) => {
    const booking =
      number === undefined ? undefined : await transaction.findBooking(number);
    if (!booking || !mayCancel(booking, args, caller)) {
      return { answer: NOT_VERIFIED, commit: false, remember: false };
    }
    const wasCancelled = booking.status === "cancelled";
    if (!wasCancelled) await transaction.cancelBooking(booking.id);
    return {
      answer: {
        cancelled: true,
        already_cancelled: wasCancelled,
        speech: wasCancelled
          ? "That appointment was already cancelled."
          : "Your appointment is cancelled.",
      },
      commit: true,
      bookingId: booking.id,
      // A cancelled booking frees its argument-derived keys (design.md section 4), this one too.
      remember: execution?.derived === false,
    };
  });
  return answer === "mismatch" ? MISMATCH : answer;
};

// One answer for an unknown number and for a wrong or missing factor, so that guessing teaches nothing.
const NOT_VERIFIED = refuse(
  "verification_failed",
  "No appointment fits that confirmation_number and phone_last_four; ask the caller for both again",
  "I couldn't find an appointment with that. Could you tell me the confirmation number and the last four digits of your phone number again?",
);

function mayCancel(
  booking: Booking,
  args: CancelArguments,
  caller: Caller,
): boolean {
  if (booking.customerPhone === null) return true;
  if (booking.callId !== null && booking.callId === caller.callId) return true;
  const lastFour = args.phone_last_four?.replaceAll(/\D/g, "").slice(-4) ?? "";
  return lastFour.length === 4 && booking.customerPhone.endsWith(lastFour);
}
