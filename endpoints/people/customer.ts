import type { CountryCode } from "libphonenumber-js/min";
import { readDigits } from "./confirmation.ts";
import { loadPhones } from "./phones.ts";

// Controls, half characters, line and paragraph separators can forge a line of a log.
const BREAKS = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu;
// What cannot be seen turns the direction of text around (Unicode 16, UAX #9) or
// carries words that only a model reads (tags, U+E0020 and on). Two are spelling:
// the joiners U+200C and U+200D of Persian and Indic names.
const UNSEEN = /(?![\u200C\u200D])\p{Cf}/gu;

/** A name as people write it, of any script; undefined when there is no letter in it. */
export function readName(text: string): string | undefined {
  const name = text
    .normalize("NFC")
    .replaceAll(BREAKS, " ")
    .replaceAll(UNSEEN, "")
    .replaceAll(/\s+/g, " ")
    .trim();
  return /\p{L}/u.test(name) ? name : undefined;
}

/** "M. L.": enough to know one's own name by, too little to learn another's. */
export function maskName(name: string): string {
  return name
    .split(/[\s-]+/)
    .flatMap((word) => /\p{L}\p{M}{0,3}/u.exec(word)?.[0] ?? [])
    .slice(0, 4)
    .map((initial) => `${initial.toUpperCase()}.`)
    .join(" ");
}

/** E.164, or undefined when it is no number that can exist. An extension is left out. */
export function readPhone(
  text: string,
  country: CountryCode,
): string | undefined {
  const { parsePhoneNumberFromString } = loadPhones();
  const written = parsePhoneNumberFromString(text, country);
  // "Four one five ..." has no digits to read.
  const phone =
    written ?? parsePhoneNumberFromString(readDigits(text), country);
  return phone?.isValid() ? phone.number : undefined;
}
