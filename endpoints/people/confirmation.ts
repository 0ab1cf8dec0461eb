import { randomInt } from "node:crypto";

// Damm's check digit finds every wrong digit and every swap of neighbours
// (H. M. Damm, "Total anti-symmetrische Quasigruppen", 2004; the order-10 table).
const DAMM = [
  "0317598642",
  "7092154863",
  "4206871359",
  "1750983426",
  "6123045978",
  "3674209581",
  "5869720134",
  "8945362017",
  "9438617205",
  "2581436790",
];

/** Ten digits: nine random ones and their check digit. Digits survive a phone line and a keypad; letters do not. */
export function newConfirmationNumber(): string {
  const digits = String(randomInt(100_000_000, 1_000_000_000));
  return digits + damm(digits);
}

// As they are read out; "oh" is how many say zero.
const SAID = new Map(
  "zero one two three four five six seven eight nine"
    .split(" ")
    .map((word, digit) => [word, String(digit)]),
).set("oh", "0");

/** The digits in what a caller or model says: "4 8 2", "four eight two", full-width ones. */
export function readDigits(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[a-z]+/g, (word) => SAID.get(word) ?? "")
    .replaceAll(/\D/g, "");
}

/** The ten digits, else undefined: then a digit was misheard or left out. */
export function parseConfirmationNumber(text: string): string | undefined {
  const digits = readDigits(text);
  return digits.length === 10 && damm(digits) === "0" ? digits : undefined;
}

/** "4 8 2, 7 1 9, 3 6 0 1". */
export function toSpokenNumber(number: string): string {
  return [number.slice(0, 3), number.slice(3, 6), number.slice(6)]
    .map((group) => group.split("").join(" "))
    .join(", ");
}

/** The check digit of the digits; "0" when they end in their own. */
function damm(digits: string): string {
  return digits
    .split("")
    .reduce(
      (interim, digit) => DAMM[Number(interim)]?.[Number(digit)] ?? "",
      "0",
    );
}
