import { refuse, toSpokenDuration } from "../answer.ts";
import type { Answer } from "../answer.ts";
import type { Service } from "../business/business.ts";
import { MISMATCH, toExecution } from "../execution.ts";
import type { Start } from "../scheduling/starts.ts";
import type { BookingTransaction, Hold, Outcome } from "../store/store.ts";
import { toIso } from "../times/instants.ts";
import { refuseTaken, TAKEN } from "./book.ts";
import { claimLane, releaseHold } from "./claim.ts";
import type { AnswerTool, Desk } from "./tool.ts";
import { sayDate, sayStart, toHolder } from "./instead.ts";
import { readDay, readStart } from "./wish.ts";

interface HoldArguments {
  date: string;
  time: string;
  service?: string;
}

const HOLD_MS = 120_000;
/** How often the same call may prolong the same hold, or one caller could keep a time from all others. */
const MOST_EXTENSIONS = 1;

/**
 * Keeps a start free for this call while the caller decides. A call has one
 * hold: another time moves it, the same time prolongs it once.
 */
export const holdAppointment: AnswerTool<HoldArguments> = async (
  desk,
  args,
  caller,
) => {
  const { callId } = caller;
  const holder = toHolder(callId);
  if (callId === undefined || holder === undefined) return NO_CALL;
  const created = desk.now().getTime();
  const execution = toExecution("hold_appointment", args, caller, created);
  const known = await desk.store.recall(execution);
  if (known !== undefined) return known === "mismatch" ? MISMATCH : known;
  const day = await readDay(desk, args, caller);
  if ("code" in day) return day;
  const start = await readStart(desk, args.time, day, caller);
  if ("code" in start) return start;

  const { service } = day;
  const answer = await desk.store.execute(execution, async (transaction) => {
    const order = { callId, owner: holder, service, start };
    const outcome = await hold(desk, transaction, order);
    // How long it is held is true only now; with a key it is the same request again.
    return { ...outcome, remember: execution?.derived === false };
  });
  if (answer === "mismatch") return MISMATCH;
  return answer === TAKEN ? refuseTaken(desk, service, start, caller) : answer;
};

interface HoldOrder {
  callId: string;
  owner: string;
  service: Service;
  start: Start;
}

async function hold(
  desk: Desk,
  transaction: BookingTransaction,
  { callId, owner, service, start }: HoldOrder,
): Promise<Outcome> {
  const now = desk.now().getTime();
  const before = await transaction.lockHold(callId);
  // For another service too, or two of them in turn would keep a time for ever.
  const same =
    before?.start === start.instant && before.expires > now
      ? before
      : undefined;
  const isProlonged = same !== undefined && same.extensions < MOST_EXTENSIONS;
  const isKept = same !== undefined && !isProlonged;
  if (isKept && same.service === service.name)
    return toOutcome(toHeld(desk, start, same.expires), false);
  const next: Hold = {
    owner,
    start: start.instant,
    service: service.name,
    extensions: (same?.extensions ?? 0) + (isProlonged ? 1 : 0),
    expires: isKept ? same.expires : now + HOLD_MS,
  };
  await transaction.putHold(callId, next);
  if (before) await releaseHold(desk, transaction, before);
  const lane = await claimLane(desk, transaction, service, start, owner, {
    over: owner,
    expires: next.expires,
  });
  return lane
    ? toOutcome(toHeld(desk, start, next.expires), true)
    : toOutcome(TAKEN, false);
}

function toOutcome(answer: Answer, commit: boolean): Outcome {
  return { answer, commit, remember: false };
}

function toHeld(desk: Desk, start: Start, expires: number) {
  const { business, now } = desk;
  // Rounded, because some of the first second is gone when this is said.
  const seconds = Math.max(1, Math.round((expires - now().getTime()) / 1000));
  // Not more than is true.
  const length =
    seconds < 60
      ? `${seconds} second${seconds === 1 ? "" : "s"}`
      : toSpokenDuration(Math.floor(seconds / 60));
  return {
    held_until: toIso(expires, business.timezone),
    date: start.date,
    time: sayStart(start),
    speech: `I'm keeping ${sayStart(start)} on ${sayDate(desk, start.date)} for you for ${length}.`,
  };
}

const NO_CALL = refuse(
  "invalid_arguments",
  "A time is held for a phone call, and this request names none (X-ThunderPhone-Call-ID)",
  "I can't keep a time for you, but I can book one.",
);
