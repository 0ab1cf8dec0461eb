/** A time of day as it was said: one, or two where the half of the day is open. */
export interface Clock {
  /** Minutes of the day. */
  readings: number[];
  /** The one reading of a 24-hour clock, when it looks like one (09:00, 14h30). */
  fixed?: number;
}

const FORMS = [
  /^(\d{1,2})[:.](\d{2})(?::(\d{2}))?$/,
  /^(\d{1,2})(\d{2})$/,
  /^(\d{1,2})h(\d{2})?$/,
];

/** Reads a word such as `14:30`, `2:30:00`, `14.30`, `930`, `1430`, `14h30`. */
export function readClock(text: string): Clock | undefined {
  const match = FORMS.map((form) => form.exec(text)).find(Boolean);
  if (!match || Number(match[3] ?? 0) > 59) return undefined;
  const isFixed = text.startsWith("0") || text.includes("h");
  return toTime(Number(match[1]), Number(match[2] ?? 0), isFixed);
}

/** Undefined for what no clock shows. One to twelve may be morning or afternoon. */
export function toTime(
  hours: number,
  minute: number,
  isFixed: boolean,
): Clock | undefined {
  if (hours > 23 || minute > 59) return undefined;
  const fixed = hours * 60 + minute;
  if (hours === 0 || hours > 12) return { readings: [fixed] };
  const morning = (hours % 12) * 60 + minute;
  const readings = [morning, morning + 720];
  return isFixed ? { readings, fixed } : { readings };
}

/** The same clock some minutes earlier or later, around midnight too. */
export function shift({ readings, fixed }: Clock, by: number): Clock {
  const move = (minutes: number) => (minutes + by + 1440) % 1440;
  return fixed === undefined
    ? { readings: readings.map(move) }
    : { readings: readings.map(move), fixed: move(fixed) };
}
