import type { CountryCode } from "libphonenumber-js/min";
import type { LocalDate } from "../times/calendar.ts";

/** Every start, length and buffer is a multiple of this, for ever (design.md section 6). */
export const GRAIN_MINUTES = 5;

/** So that it is known how far from a booking its claims can lie, whatever its service has become. */
export const MAX_BUFFER_MINUTES = 720;
export const MAX_SERVICE_MINUTES = 1440;

export interface Service {
  name: string;
  minutes: number;
  /** Minutes from one offered start to the next. */
  every: number;
  /** Minutes kept free around it; buffers of neighbours add up. */
  bufferBefore: number;
  bufferAfter: number;
}

/** A person or a room. */
export interface Resource {
  name: string;
  /** What its bookings are kept under: the name, whatever its case and blanks. */
  key: string;
  /** How many bookings it can have at the same time. */
  capacity: number;
  /** Names of the services that it gives. */
  services: string[];
}

/** Minutes since midnight on the wall clock; 1440 is the next midnight. */
export interface Range {
  from: number;
  to: number;
}

/** Days that are not as their weekday: other hours, or none. */
export interface Exception {
  from: LocalDate;
  to: LocalDate;
  ranges: Range[];
  /** Why it is closed, for the ear. */
  name?: string;
}

/** What one business offers and when. Made by `parseBusiness`. */
export interface Business {
  name: string;
  /** IANA name. */
  timezone: string;
  /** How phone numbers and dates without more are read. */
  country: CountryCode;
  /** The first is meant when a caller names none. */
  services: [Service, ...Service[]];
  resources: Resource[];
  /** Seven lists, Monday's first. */
  hours: Range[][];
  /** The first that fits a day counts. */
  exceptions: Exception[];
  /** Holidays of every year, as MM-DD with their names. */
  yearly: ReadonlyMap<string, string>;
  /** Elapsed minutes from now to the first start that may be booked. */
  noticeMinutes: number;
  /** Calendar days from today to the last that may be booked. */
  horizonDays: number;
  /** Elapsed minutes before its start until which a booking may be changed. */
  cancelCutoffMinutes: number;
  /** Live future bookings of one phone number; Infinity: as many as they like. */
  bookingsPerPhone: number;
}

/** How names are compared: as they sound. */
export function toNameKey(name: string): string {
  return name
    .normalize("NFKC")
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, "-");
}

/** The hours of one day, and why they are none. */
export function hoursOf(
  business: Business,
  date: LocalDate,
  weekday: number,
): { ranges: Range[]; name?: string } {
  const exception = business.exceptions.find(
    ({ from, to }) => from <= date && date <= to,
  );
  if (exception) return exception;
  const name = business.yearly.get(date.slice(5));
  if (name !== undefined)
    return { ranges: [], ...(name === "" ? {} : { name }) };
  return { ranges: business.hours[weekday] ?? [] };
}
