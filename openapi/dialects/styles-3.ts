import type { Style } from "../types.ts";
import type { Parameter } from "./dialect.ts";

/** Which styles a place has (OpenAPI 3.2, section 4.12.2.2); the first is its default. */
export const STYLES: Record<Parameter["in"], [Style, ...Style[]]> = {
  path: ["simple", "label", "matrix"],
  query: ["form", "spaceDelimited", "pipeDelimited", "deepObject"],
  header: ["simple"],
  cookie: ["form", "cookie"],
};
