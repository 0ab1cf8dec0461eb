import { RequestError } from "../errors.ts";
import { encodeLiteral } from "./percent.ts";

/** What fills one placeholder: the argument's key, and its text, percent-encoded. */
export interface Filling {
  key: string;
  text: string | undefined;
}

type Fill = (name: string) => { key: string; text: string };

const PLACEHOLDER = /\{([^{}]*)\}/g;

/**
 * Fills a document's path.
 * @returns the path, and the query that the document wrote into it
 * @throws RequestError where a placeholder stays open or a value would be a step up or no step at all
 */
export function fillPath(
  template: string,
  fillings: ReadonlyMap<string, Filling>,
): { path: string; query: string } {
  const [route, query] = splitTemplate(template);
  const fill: Fill = (name) => fillingOf(name, fillings);
  return {
    path: fillSegments(route, fill),
    query: query
      .split(/(\{[^{}]*\})/)
      .map((piece) =>
        piece.startsWith("{") && piece.endsWith("}")
          ? fill(piece.slice(1, -1)).text
          : encodeLiteral(piece),
      )
      .join(""),
  };
}

/** A fragment is never sent (RFC 9110, section 7.1). */
function splitTemplate(template: string): [route: string, query: string] {
  const masked = template.replaceAll(PLACEHOLDER, (whole) =>
    "_".repeat(whole.length),
  );
  const hash = masked.indexOf("#");
  const end = hash === -1 ? template.length : hash;
  const mark = masked.slice(0, end).indexOf("?");
  return mark === -1
    ? [template.slice(0, end), ""]
    : [template.slice(0, mark), template.slice(mark + 1, end)];
}

function fillSegments(route: string, fill: Fill): string {
  const segments: { text: string; key?: string }[] = [];
  let segment: { text: string; key?: string } = { text: "" };
  for (const [token, name] of route
    .replace(/^\/?/, "/") // without it the path would go on with the host's name
    .matchAll(/\{([^{}]*)\}|\/|[^/{}]+|[{}]/g)) {
    if (token === "/") {
      segment = { text: "" };
      segments.push(segment);
    } else if (name === undefined) {
      segment.text += encodeLiteral(token);
    } else {
      const { key, text } = fill(name);
      segment.text += text;
      segment.key = key;
    }
  }
  for (const { text, key } of segments)
    if (key !== undefined) refuseDots(key, text);
  return segments.map(({ text }) => `/${text}`).join("");
}

/** A URL parser reads "." and "..", also percent-encoded, as steps in the path (WHATWG URL, section 4.4). */
function refuseDots(key: string, segment: string): void {
  if (!/^(\.|%2e){1,2}$/i.test(segment)) return;
  throw new RequestError(
    "invalid_arguments",
    `${key}: expected text for one step of the path, received only dots`,
  );
}

function fillingOf(
  name: string,
  fillings: ReadonlyMap<string, Filling>,
): { key: string; text: string } {
  const filling = fillings.get(name);
  if (!filling)
    throw new RequestError(
      "unsupported_request",
      `the path needs {${name}}, which no argument gives`,
    );
  const { key, text } = filling;
  if (text === undefined || text === "")
    throw new RequestError(
      "invalid_arguments",
      `${key}: expected text for one step of the path, received nothing`,
    );
  return { key, text };
}
