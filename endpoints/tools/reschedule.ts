import { refuse } from "../answer.ts";
import type { Service } from "../business/business.ts";
import { MISMATCH, toExecution } from "../execution.ts";
import type { Booking, Outcome } from "../store/store.ts";
import { refuseTaken, TAKEN, toBooked } from "./book.ts";
import { claimLane, dropOwnHold, toPlace } from "./claim.ts";
import type { AnswerTool, Caller, Desk } from "./tool.ts";
import { isOutcome, refuseLate, verifyBooking } from "./verification.ts";
import type { Credentials } from "./verification.ts";
import { toHolder } from "./instead.ts";
import { readDay, readStart } from "./wish.ts";

interface RescheduleArguments extends Credentials {
  date: string;
  time: string;
}

/** Moves a booking to another time, under the same number; it keeps its time when the new one cannot be had. */
export const rescheduleAppointment: AnswerTool<RescheduleArguments> = async (
  desk,
  args,
  caller,
) => {
  const { store } = desk;
  const at = desk.now().getTime();
  const execution = toExecution("reschedule_appointment", args, caller, at);
  const known = await store.recall(execution);
  if (known !== undefined) return known === "mismatch" ? MISMATCH : known;
  // First, so that nothing is told to who may not change the booking.
  const found = await findOwn(desk, args, caller);
  if ("answer" in found) return found.answer;
  const { booking, service } = found;
  const day = await readDay(
    desk,
    { date: args.date, service: service.name },
    caller,
  );
  if ("code" in day) return day;
  const start = await readStart(desk, args.time, day, caller);
  if ("code" in start) return start;

  const answer = await store.execute(execution, async (transaction) => {
    const current = await transaction.lockBooking(booking.number);
    if (!current || current.status === "cancelled")
      return { answer: CANCELLED, commit: false, remember: false };
    await transaction.releaseBooking(current);
    const lane = await claimLane(
      desk,
      transaction,
      service,
      start,
      current.id,
      { over: toHolder(caller.callId) },
    );
    if (!lane) return { answer: TAKEN, commit: false, remember: false };
    await dropOwnHold(desk, transaction, caller);
    await transaction.moveBooking(
      current.id,
      toPlace(desk, service, start, lane),
    );
    await transaction.audit({
      bookingId: current.id,
      action: "rescheduled",
      callId: caller.callId,
      start: start.instant,
      at,
    });
    return {
      answer: toBooked(
        desk,
        current.number,
        service.name,
        start,
        "Your appointment is now on",
      ),
      commit: true,
      bookingId: current.id,
      remember: true,
    };
  });
  if (answer === "mismatch") return MISMATCH;
  return answer === TAKEN ? refuseTaken(desk, service, start, caller) : answer;
};

/** The live booking that the caller may change, and what it is for. */
async function findOwn(
  desk: Desk,
  args: Credentials,
  caller: Caller,
): Promise<{ booking: Booking; service: Service } | Pick<Outcome, "answer">> {
  let own: Booking | undefined;
  const answer = await desk.store.execute(undefined, async (transaction) => {
    const found = await verifyBooking(desk, transaction, args, caller);
    if (isOutcome(found)) return found;
    own = found;
    return { answer: CANCELLED, commit: true, remember: false };
  });
  if (!own) return { answer: answer === "mismatch" ? MISMATCH : answer };
  const booking = own;
  if (booking.status === "cancelled") return { answer: CANCELLED };
  const late = refuseLate(desk, booking);
  if (late) return { answer: late };
  const service = desk.business.services.find(
    ({ name }) => name === booking.service,
  );
  return service ? { booking, service } : { answer: NO_SERVICE };
}

const CANCELLED = refuse(
  "not_found",
  "That appointment was cancelled; book a new one",
  "That appointment was cancelled. Shall I book a new one?",
);

const NO_SERVICE = refuse(
  "outside_rules",
  "What that appointment was for is no longer offered; cancel it and book another",
  "What that appointment was for is no longer offered. Shall I cancel it and book another?",
);
