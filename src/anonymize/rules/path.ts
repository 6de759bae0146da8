/** The keys of `columns:` in policies/masking.yaml: a column, or a path into its JSON. */

/** A step into a document: a key, every element of an array (`*`), or all that is below (`**`). */
export type Step = { readonly key: string } | "*" | "**";

export interface RulePath {
  readonly column: string;
  readonly steps: readonly Step[];
}

/**
 * Reads `meta.contacts[*].email`, `meta.**`, `"odd.name"."x y"`. A name with a dot, bracket, quote
 * or space stands in double quotes, which are doubled inside.
 *
 * @returns what is wrong with it, as a text, where it is none.
 */
export function parseRulePath(text: string): RulePath | string {
  const found: Step[] = [];
  const token = /(?:^|\.)(?:"((?:[^"]|"")+)"|(\*\*)|([^."[\]*\s]+))|\[\*\]/y;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (!match) return `cannot be read from \`${text.slice(at)}\` on`;
    const [whole, quoted, deep, bare] = match;
    if (whole === "[*]") found.push("*");
    else if (deep !== undefined) found.push("**");
    else found.push({ key: quoted?.replaceAll('""', '"') ?? bare ?? "" });
  }
  const [column, ...steps] = found;
  if (typeof column !== "object") return "must begin with a column";
  if (steps.slice(0, -1).includes("**")) return "has `**` before its end";
  return { column: column.key, steps };
}

/** The path as it is written in a file. */
export function formatRulePath({ column, steps }: RulePath): string {
  const word = (name: string) =>
    /^[^."[\]*\s]+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
  return (
    word(column) +
    steps
      .map((step) => (step === "*" ? "[*]" : step === "**" ? ".**" : `.${word(step.key)}`))
      .join("")
  );
}
