import type { CountryCode } from "libphonenumber-js/min";
import { IANAZone } from "luxon";
import { parse } from "yaml";
import { BusinessError } from "../errors.ts";
import { hasPhones } from "../people/phones.ts";
import { toDate, WEEKDAYS } from "../times/calendar.ts";
import { toNameKey } from "./business.ts";
import type { Business, Exception, Resource, Service } from "./business.ts";
import { findUnusable, parseRanges } from "./ranges.ts";
import { checkFile } from "./schema.ts";
import type { BusinessFile } from "./schema.ts";

/**
 * Reads a business file: YAML text, or the object it says.
 * @throws BusinessError that names every fault by its path
 */
export function parseBusiness(yamlOrObject: unknown): Business {
  const value =
    typeof yamlOrObject === "string" ? parseYaml(yamlOrObject) : yamlOrObject;
  const checked = checkFile(value);
  if ("faults" in checked) throw new BusinessError(checked.faults);
  const { file } = checked;
  const faults: string[] = [];
  // From Node 22 on an offset such as +02:00 passes for a zone; it knows no summer time.
  const isZone =
    /^[A-Za-z]/.test(file.timezone) && IANAZone.isValidZone(file.timezone);
  if (!isZone)
    faults.push(`timezone expected an IANA name, received ${file.timezone}`);
  if (!hasPhones(file.country))
    faults.push(`country expected a code such as US, received ${file.country}`);
  const services = readServices(file, faults);
  const rules = file.rules ?? {};
  const holidays = readHolidays(file, faults);
  const business: Business = {
    name: file.name,
    timezone: file.timezone,
    country: file.country as CountryCode,
    services: services as [Service, ...Service[]], // at least one, by the schema
    resources: readResources(file, services, faults),
    hours: readHours(file, faults),
    // What is said of one day wins over holidays.
    exceptions: [...readOverrides(file, faults), ...holidays.exceptions],
    yearly: holidays.yearly,
    noticeMinutes: rules.notice_minutes ?? 0,
    horizonDays: rules.horizon_days ?? 365,
    cancelCutoffMinutes: rules.cancel_cutoff_minutes ?? 0,
    bookingsPerPhone: rules.bookings_per_phone ?? Infinity,
  };
  // The horizon ends with its last day.
  if (business.noticeMinutes > (business.horizonDays + 1) * 1440)
    faults.push(
      "rules/notice_minutes is more than rules/horizon_days: nothing could be booked",
    );
  if (faults.length === 0) faults.push(...findUnusable(business));
  if (faults.length > 0) throw new BusinessError(faults);
  return business;
}

function parseYaml(text: string): unknown {
  try {
    // Warnings would be printed by the process.
    return parse(text, { logLevel: "error" });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new BusinessError([`file is not YAML: ${why}`], { cause });
  }
}

function readServices(file: BusinessFile, faults: string[]): Service[] {
  findDoubles("services", file.services, faults);
  return file.services.map((service) => ({
    name: service.name,
    minutes: service.minutes,
    every: service.every ?? service.minutes,
    bufferBefore: service.buffer_before ?? 0,
    bufferAfter: service.buffer_after ?? 0,
  }));
}

function readResources(
  file: BusinessFile,
  services: Service[],
  faults: string[],
): Resource[] {
  findDoubles("resources", file.resources, faults);
  const known = new Map(services.map(({ name }) => [toNameKey(name), name]));
  const resources = file.resources.map((resource, index) => ({
    name: resource.name,
    key: toNameKey(resource.name),
    capacity: resource.capacity ?? 1,
    services: (resource.services ?? [...known.values()]).flatMap((name, at) => {
      const found = known.get(toNameKey(name));
      if (found !== undefined) return [found];
      faults.push(
        `resources/${index}/services/${at} expected one of ${[...known.values()].join(", ")}, received ${name}`,
      );
      return [];
    }),
  }));
  services.forEach(({ name }, index) => {
    const isGiven = resources.some((resource) =>
      resource.services.some((given) => toNameKey(given) === toNameKey(name)),
    );
    if (!isGiven)
      faults.push(`services/${index} ${name} is given by no resource`);
  });
  return resources;
}

function findDoubles(
  list: "services" | "resources",
  entries: { name: string }[],
  faults: string[],
): void {
  const keys = entries.map(({ name }) => toNameKey(name));
  keys.forEach((key, index) => {
    if (keys.indexOf(key) !== index)
      faults.push(
        `${list}/${index}/name is there twice: ${entries[index]?.name}`,
      );
  });
}

function readHours(file: BusinessFile, faults: string[]) {
  const known: readonly string[] = WEEKDAYS;
  for (const day of Object.keys(file.hours)) {
    if (!known.includes(day))
      faults.push(`hours expected ${known.join(", ")}, received ${day}`);
  }
  return WEEKDAYS.map((day) =>
    parseRanges(file.hours[day] ?? [], `hours/${day}`, faults),
  );
}

/** A single day within a span wins over the span. */
function readOverrides(file: BusinessFile, faults: string[]): Exception[] {
  const overrides = Object.entries(file.overrides ?? {}).flatMap(
    ([days, hours]) => {
      const path = `overrides/${days}`;
      const span = readSpan(days);
      if (!span)
        faults.push(`${path} expected YYYY-MM-DD or YYYY-MM-DD..YYYY-MM-DD`);
      const ranges = parseRanges(hours, path, faults);
      return span ? [{ ...span, ranges }] : [];
    },
  );
  const lengthOf = ({ from, to }: Exception) =>
    Date.parse(to) - Date.parse(from);
  return overrides.toSorted((a, b) => lengthOf(a) - lengthOf(b));
}

function readHolidays(file: BusinessFile, faults: string[]) {
  const exceptions: Exception[] = [];
  const yearly = new Map<string, string>();
  const { holidays = [] } = file;
  const named = Array.isArray(holidays)
    ? holidays.map((days, index) => [days, "", `${index}`] as const)
    : Object.entries(holidays).map(([days, why]) => [days, why, days] as const);
  for (const [days, name, at] of named) {
    const span = readSpan(days);
    // A leap year has all days of a year.
    if (/^\d\d-\d\d$/.test(days) && isLocalDate(`2000-${days}`))
      yearly.set(days, name);
    else if (span)
      exceptions.push({
        ...span,
        ranges: [],
        ...(name === "" ? {} : { name }),
      });
    else
      faults.push(
        `holidays/${at} expected YYYY-MM-DD, YYYY-MM-DD..YYYY-MM-DD or MM-DD for every year, received ${days}`,
      );
  }
  return { exceptions, yearly };
}

function readSpan(days: string): { from: string; to: string } | undefined {
  const [from = "", to = from, ...rest] = days.split("..");
  const isSpan =
    rest.length === 0 && isLocalDate(from) && isLocalDate(to) && from <= to;
  return isSpan ? { from, to } : undefined;
}

function isLocalDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  const [year = 0, month = 0, day = 0] = match?.slice(1).map(Number) ?? [];
  return match !== null && toDate(year, month, day) !== undefined;
}
