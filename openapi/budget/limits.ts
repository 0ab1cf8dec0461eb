/** Characters of the tools' definitions, as `sizeOf` counts them. */
export interface Limits {
  perTool?: number;
  total?: number;
}

export interface BudgetOptions {
  /** "voice": at most 2,000 characters a tool, 200 of them for the platform's own words (default "lossless"). */
  profile?: "lossless" | "voice";
  /** Characters of each tool, or of each and of all together. */
  budget?: number | Limits;
}

// research/openapi.md, section 4: a model on the phone reads no more than 2,000 in time; platforms put some of their own around a tool.
const VOICE_TOOL = 2000 - 200;

/**
 * The limits that a profile and a budget set together; the smaller one counts.
 * @throws TypeError for an unknown profile or a budget that is no number of characters
 */
export function toLimits({
  profile = "lossless",
  budget = {},
}: BudgetOptions): Limits {
  if (profile !== "lossless" && profile !== "voice")
    throw new TypeError(
      `profile: expected lossless or voice, received ${JSON.stringify(profile)}`,
    );
  if (
    typeof budget !== "number" &&
    (typeof budget !== "object" || budget === null)
  )
    throw new TypeError(
      `budget: expected a number of characters, or { perTool, total }, received ${JSON.stringify(budget)}`,
    );
  const { perTool, total } =
    typeof budget === "number" ? { perTool: budget } : budget;
  for (const [name, value] of Object.entries({ perTool, total }))
    if (value !== undefined && !(Number.isInteger(value) && value > 0))
      throw new TypeError(
        `budget: ${name} is a whole number of characters above 0, received ${JSON.stringify(value)}`,
      );
  const most = Math.min(
    perTool ?? Infinity,
    profile === "voice" ? VOICE_TOOL : Infinity,
  );
  return {
    ...(most === Infinity ? {} : { perTool: most }),
    ...(total === undefined ? {} : { total }),
  };
}
