import { MISMATCH, toExecution } from "../execution.ts";
import type { AnswerTool } from "./tool.ts";
import { isOutcome, refuseLate, verifyBooking } from "./verification.ts";
import type { Credentials } from "./verification.ts";

/** Cancels a booking for the call that made it, or for who knows its phone's last four digits. */
export const cancelAppointment: AnswerTool<Credentials> = async (
  desk,
  args,
  caller,
) => {
  const at = desk.now().getTime();
  const execution = toExecution("cancel_appointment", args, caller, at);
  const answer = await desk.store.execute(execution, async (transaction) => {
    const booking = await verifyBooking(desk, transaction, args, caller);
    if (isOutcome(booking)) return booking;
    const wasCancelled = booking.status === "cancelled";
    if (!wasCancelled) {
      const late = refuseLate(desk, booking);
      if (late) return { answer: late, commit: false, remember: false };
      await transaction.cancelBooking(booking);
      await transaction.audit({
        bookingId: booking.id,
        action: "cancelled",
        callId: caller.callId,
        start: booking.start,
        at,
      });
    }
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
