import { toDate } from "./calendar.ts";
import type { LocalDate } from "./calendar.ts";

/** A date-time as machines write it: wall time, and the instant where an offset was given. */
export interface DateTimeText {
  date: LocalDate;
  minutes: number;
  instant?: number;
}

// ISO 8601 in its extended and basic form, RFC 3339 with a space for the T.
const DATE_TIME =
  /^(\d{4})-?(\d{2})-?(\d{2})[t ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d{1,9})?)?(?: ?(z|[+-]\d{2}(?::?\d{2})?))?$/;

/**
 * Reads `2026-03-09T10:00:00-07:00`, `2026-03-09 10:00`, `20260309T100000Z`
 * (in plain text, see `toPlain`). Seconds are checked and dropped.
 * @returns "none" when the text has this form but no such day or time exists; undefined when it has another form
 */
export function readDateTime(plain: string): DateTimeText | "none" | undefined {
  const match = DATE_TIME.exec(plain);
  if (!match) return undefined;
  const [year, month, day, hours, minute, seconds] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = toDate(year, month, day);
  if (date === undefined || hours > 23 || minute > 59 || seconds > 59)
    return "none";
  const minutes = hours * 60 + minute;
  if (match[7] === undefined) return { date, minutes };
  const offset = readOffset(match[7]);
  if (offset === undefined) return "none";
  const instant = Date.UTC(year, month - 1, day) + (minutes - offset) * 60_000;
  return { date, minutes, instant };
}

/** Minutes ahead of UTC. No zone has ever been 16 hours away. */
function readOffset(text: string): number | undefined {
  if (text === "z") return 0;
  const digits = text.slice(1).replace(":", "");
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2));
  if (hours > 15 || minutes > 59) return undefined;
  return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}
