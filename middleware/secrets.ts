/** One secret, several during a rotation, or several by label. */
export type Secrets =
  string | readonly string[] | Readonly<Record<string, string>>;

/**
 * Secrets with the label that a verdict names: their own, else their index.
 * @throws TypeError when there is none, or one is empty: anyone could sign with it
 */
export function labelSecrets(
  secrets: Secrets,
): [label: string, secret: string][] {
  const labelled: [string, unknown][] =
    typeof secrets === "string"
      ? [["0", secrets]]
      : Object.entries(secrets ?? {});
  if (labelled.length === 0)
    throw new TypeError("no secret is set: give at least one");
  return labelled.map(([label, secret]) => {
    if (typeof secret !== "string" || secret.trim() === "") {
      throw new TypeError(
        `secret "${label}" is empty: set it to the sender's secret`,
      );
    }
    return [label, secret];
  });
}
