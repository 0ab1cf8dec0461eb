import { Ajv2020 } from "ajv/dist/2020.js";
import { IANAZone } from "luxon";
import { isSupportedCountry } from "libphonenumber-js/min";
import type { CountryCode } from "libphonenumber-js/min";
import { parse } from "yaml";
import { BusinessError } from "./errors.ts";

/** Every start and length is a multiple of this, for ever (design.md section 6). */
export const GRAIN_MINUTES = 5;

export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;
type Weekday = (typeof WEEKDAYS)[number];

export interface Service {
  name: string;
  minutes: number;
  /** Minutes from one offered start to the next. */
  every: number;
}

export interface Resource {
  name: string;
  /** How many bookings it can have at the same time. */
  capacity: number;
}

/** Minutes since midnight on the wall clock. */
interface Range {
  from: number;
  to: number;
}

/** What one business offers and when. */
export interface Business {
  name: string;
  timezone: string;
  country: CountryCode;
  services: [Service, ...Service[]];
  resources: Resource[];
  hours: Record<Weekday, Range[]>;
  noticeMinutes: number;
  horizonDays: number;
}

interface BusinessFile {
  name: string;
  timezone: string;
  country: string;
  services: [Service, ...Service[]];
  resources: Resource[];
  hours: Partial<Record<Weekday, string[]>>;
  rules?: { notice_minutes?: number; horizon_days?: number };
}

const grain = {
  type: "integer",
  minimum: GRAIN_MINUTES,
  maximum: 1440,
  multipleOf: GRAIN_MINUTES,
};
const name = { type: "string", minLength: 1, maxLength: 60 };
const isBusinessFile = new Ajv2020({ allErrors: true }).compile<BusinessFile>({
  type: "object",
  additionalProperties: false,
  required: ["name", "timezone", "country", "services", "resources", "hours"],
  properties: {
    name,
    timezone: { type: "string" },
    country: { type: "string" },
    services: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["name", "minutes", "every"],
        properties: { name, minutes: grain, every: grain },
      },
    },
    resources: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["name", "capacity"],
        properties: {
          name,
          capacity: { type: "integer", minimum: 1, maximum: 1000 },
        },
      },
    },
    hours: {
      type: "object",
      additionalProperties: false,
      properties: Object.fromEntries(
        WEEKDAYS.map((day) => [
          day,
          { type: "array", items: { type: "string" } },
        ]),
      ),
    },
    rules: {
      type: "object",
      additionalProperties: false,
      properties: {
        notice_minutes: { type: "integer", minimum: 0 },
        horizon_days: { type: "integer", minimum: 1, maximum: 3650 },
      },
    },
  },
});

/**
 * Reads a business file: YAML text, or the object it says.
 * @throws BusinessError that names every fault by its path
 */
export function parseBusiness(yamlOrObject: unknown): Business {
  const file =
    typeof yamlOrObject === "string" ? parseYaml(yamlOrObject) : yamlOrObject;
  if (!isBusinessFile(file)) {
    throw new BusinessError(
      (isBusinessFile.errors ?? []).map(({ instancePath, message, params }) => {
        const extra =
          "additionalProperty" in params
            ? `: ${String(params["additionalProperty"])}`
            : "";
        return `${instancePath.slice(1) || "file"} ${message ?? "is wrong"}${extra}`;
      }),
    );
  }
  const faults: string[] = [];
  if (!IANAZone.isValidZone(file.timezone))
    faults.push(`timezone ${file.timezone} is no IANA time zone`);
  if (!isSupportedCountry(file.country))
    faults.push(`country ${file.country} is no ISO country code such as US`);
  for (const list of ["services", "resources"] as const) {
    const names = file[list].map((entry) => entry.name.toLowerCase());
    names.forEach((entry, index) => {
      if (names.indexOf(entry) !== index)
        faults.push(`${list}/${index}/name is there twice`);
    });
  }
  const hours = Object.fromEntries(
    WEEKDAYS.map((day) => [
      day,
      (file.hours[day] ?? []).flatMap((text, index) =>
        parseRange(text, `hours/${day}/${index}`, faults),
      ),
    ]),
  ) as Record<Weekday, Range[]>;
  for (const day of WEEKDAYS) {
    const ranges = hours[day].toSorted((a, b) => a.from - b.from);
    const overlaps = ranges.some(
      ({ from }, index) => from < (ranges[index - 1]?.to ?? 0),
    );
    if (overlaps) faults.push(`hours/${day} has ranges that overlap`);
  }
  if (faults.length > 0) throw new BusinessError(faults);
  return {
    name: file.name,
    timezone: file.timezone,
    country: file.country as CountryCode,
    services: file.services,
    resources: file.resources,
    hours,
    noticeMinutes: file.rules?.notice_minutes ?? 0,
    horizonDays: file.rules?.horizon_days ?? 365,
  };
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new BusinessError(
      [`not YAML: ${cause instanceof Error ? cause.message : String(cause)}`],
      { cause },
    );
  }
}

/** "09:00-17:00" as minutes of the day; "24:00" is its end. */
function parseRange(text: string, path: string, faults: string[]): Range[] {
  const match = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text);
  const [from, to] = match
    ? [clock(match[1], match[2]), clock(match[3], match[4])]
    : [NaN, NaN];
  if (
    from < to &&
    to <= 1440 &&
    from % GRAIN_MINUTES === 0 &&
    to % GRAIN_MINUTES === 0
  )
    return [{ from, to }];
  faults.push(
    `${path} expected HH:MM-HH:MM in steps of ${GRAIN_MINUTES} minutes, received ${text}`,
  );
  return [];
}

function clock(hours = "", minutes = ""): number {
  return Number(minutes) < 60 ? Number(hours) * 60 + Number(minutes) : NaN;
}
