import type { ParameterObject } from "./operations.ts";
import type { ParameterPlan, SecurityScheme } from "./types.ts";

/**
 * Headers of these names are the caller's (OpenAPI 3.1, section 4.8.12), and what
 * a security scheme carries is a credential: neither is ever the model's to fill in.
 */
export function isShown(
  { in: place, name }: ParameterObject,
  {
    schemes,
    showHeaders,
  }: { schemes: Record<string, SecurityScheme>; showHeaders: boolean },
): boolean {
  const isCredential = Object.values(schemes).some(
    (scheme) =>
      scheme.type === "apiKey" &&
      scheme.in === place &&
      sameName(place, scheme.name, name),
  );
  if (isCredential) return false;
  const reserved = [
    "accept",
    "content-type",
    "authorization",
    "proxy-authorization",
    "cookie",
  ];
  return (
    place !== "header" ||
    (showHeaders && !reserved.includes(name.toLowerCase()))
  );
}

function sameName(place: string, one: string, other: string): boolean {
  return place === "header"
    ? one.toLowerCase() === other.toLowerCase()
    : one === other;
}

/** The default styles of OpenAPI 3.1, section 4.8.12.2. */
export function toPlan(
  { in: place, name, style, explode }: ParameterObject,
  key: string,
): ParameterPlan {
  const used =
    style ?? (place === "path" || place === "header" ? "simple" : "form");
  return {
    key,
    in: place,
    name,
    style: used,
    explode: explode ?? used === "form",
  };
}
