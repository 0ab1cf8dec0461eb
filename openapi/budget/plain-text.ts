// Elements that prose in OpenAPI documents uses; `<region>` and `a < b` are no markup.
const TAGS =
  "a|b|blockquote|br|center|code|dd|details|div|dl|dt|em|font|h[1-6]|hr|i|img|kbd|li|ol|p|pre|small|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|tt|u|ul";
const TAG = new RegExp(`</?(?:${TAGS})(?:[\\s/][^<>]*)?>`, "gi");
const COMMENT = /<!--[^<>]*>/g;
const BLOCK = /<(?:p|br|li|h[1-6]|tr|div)(?:[\s/][^<>]*)?>/gi;
const ENTITIES = new Map([
  ["&nbsp;", " "],
  ["&amp;", "&"],
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", '"'],
  ["&#39;", "'"],
]);
const ABBREVIATION =
  /(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|approx|resp|max|min)\.$/i;
const MIN_SENTENCE = 20; // "Required." alone would say less than nothing

let segmenter: Intl.Segmenter | undefined; // takes its time to make, and most compiling cuts nothing

/** Prose without the markup of HTML and CommonMark; paragraphs stay apart. */
export function toPlainText(text: string): string {
  return text
    .replaceAll(COMMENT, " ")
    .replaceAll(BLOCK, "\n\n")
    .replaceAll(TAG, "")
    .replaceAll(
      /&(?:nbsp|amp|lt|gt|quot|#39);/g,
      (entity) => ENTITIES.get(entity) ?? entity,
    )
    .replaceAll(/!?\[([^\][]*)\]\([^()\s]*\)/g, "$1")
    .replaceAll(/^[ \t]*(?:#{1,6}|>|[-*+])[ \t]+/gm, "")
    .replaceAll(/`+|\*\*+/g, "")
    .split(/\n[ \t\r]*\n/)
    .map((paragraph) => paragraph.replaceAll(/\s+/g, " ").trim())
    .filter((paragraph) => paragraph !== "")
    .join("\n\n");
}

/** The first sentence, or as many as it takes to say something. */
export function firstSentence(text: string): string {
  const [paragraph = ""] = toPlainText(text).split("\n\n");
  let said = "";
  segmenter ??= new Intl.Segmenter("en", { granularity: "sentence" });
  for (const { segment } of segmenter.segment(paragraph)) {
    said += segment;
    const trimmed = said.trimEnd();
    if (trimmed.length >= MIN_SENTENCE && !ABBREVIATION.test(trimmed)) break;
  }
  return said.trim();
}

/** At most `length` characters, cut between words where there are some, with "…" for the rest. */
export function cutAtWord(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = text.slice(0, Math.max(0, length - 1));
  const space = head.search(/\s\S*$/);
  const cut = space > length / 2 ? head.slice(0, space) : head;
  return `${cut.replace(/[\uD800-\uDBFF]$/, "").replace(/[\s,;:.]+$/, "")}…`;
}
