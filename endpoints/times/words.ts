const LONGEST_TEXT = 80;

const CARDINALS = wordsOf(
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
);
const ORDINALS = wordsOf(
  "- first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth",
);
const TENS = new Map([
  ["twenty", 20],
  ["thirty", 30],
  ["forty", 40],
  ["fifty", 50],
]);
const NUMBERS = new Map([
  ...CARDINALS.map((word, value) => [word, value] as const),
  ...TENS,
]);
const ORDINAL_NUMBERS = new Map([
  ...ORDINALS.map((word, value) => [word, value] as const),
  ["twentieth", 20] as const,
  ["thirtieth", 30] as const,
]);

/** A word of what somebody said. */
export interface Word {
  text: string;
  /** Of `9`, `nine`, `9th`, `ninth`, `twenty-third`. */
  number?: number;
  isOrdinal: boolean;
  isSpelled: boolean;
}

/**
 * Text for the readers: lower case, plain digits and dashes, single spaces.
 * Empty when longer than a date or time can be. Digits of all scripts are
 * digits; marks that cannot be seen (direction, joiners) go.
 */
export function toPlain(text: string): string {
  if (text.length > LONGEST_TEXT) return "";
  return text
    .normalize("NFKC")
    .replaceAll(/[^\P{Nd}0-9]/gu, toDigit)
    .replaceAll(/\p{Cf}/gu, "")
    .replaceAll(/[\u2010-\u2015\u2212]/g, "-")
    .replaceAll("\u2044", "/")
    .replaceAll(/[\u2018\u2019`]/g, "'")
    .toLowerCase()
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** The words of plain text without punctuation; `twenty-three` and `twenty three` are one number. */
export function toWords(plain: string): Word[] {
  const words: Word[] = [];
  const texts = plain
    .replaceAll(/(?<=[a-z])-|-(?=[a-z])/g, " ")
    .split(/[ ,;()"]/)
    .map((text) => text.replace(/^'|[.!?:]+$/g, ""))
    .filter((text) => text !== "" && text !== "-");
  for (const text of texts) {
    const word = toWord(text);
    const tens = words.at(-1);
    const isUnit =
      word.isSpelled && (word.number ?? 0) >= 1 && (word.number ?? 0) <= 9;
    if (isUnit && tens?.number !== undefined && TENS.has(tens.text)) {
      words.pop();
      word.text = `${tens.text} ${text}`;
      word.number = tens.number + (word.number ?? 0);
    }
    words.push(word);
  }
  return words;
}

function toWord(text: string): Word {
  const digits = /^(\d{1,8})(st|nd|rd|th)?$/.exec(text);
  if (digits) {
    return {
      text,
      number: Number(digits[1]),
      isOrdinal: digits[2] !== undefined,
      isSpelled: false,
    };
  }
  const ordinal = ORDINAL_NUMBERS.get(text);
  const number = ordinal ?? NUMBERS.get(text);
  const isSpelled = number !== undefined;
  const isOrdinal = ordinal !== undefined;
  return isSpelled
    ? { text, number, isOrdinal, isSpelled }
    : { text, isOrdinal, isSpelled };
}

/** Unicode keeps the ten digits of a script together, from zero up (its standard, section 4.6). */
function toDigit(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  let steps = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - steps - 1))) steps++;
  return String(steps % 10);
}

function wordsOf(list: string): string[] {
  return list.split(" ");
}
