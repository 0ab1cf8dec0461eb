import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import type { CountryCode } from "libphonenumber-js/min";

/** A name as people write it, of any script, without what could forge a line or turn text around. */
export function readName(text: string): string | undefined {
  const name = text
    .normalize("NFC")
    .replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
  return name === "" ? undefined : name;
}

/** E.164, or undefined when it is no number that can exist. */
export function readPhone(
  text: string,
  country: CountryCode,
): string | undefined {
  const phone = parsePhoneNumberFromString(text, country);
  return phone?.isValid() ? phone.number : undefined;
}
