/** How findings of a trial are worded. */
import type { Finding } from "../findings.ts";
import type { MigrationFile } from "../migrate/file.ts";
import type { Difference } from "./difference.ts";
import type { Failure } from "./trial.ts";

/** Longer lists are in the text and the JSON, not in the finding. */
const mostDifferences = 5;

/** A section that the server refuses. */
export function failed(
  file: MigrationFile,
  rule: string,
  what: string,
  { message, sqlstate, at, source }: Failure,
  otherwise: Pick<Finding, "at" | "source"> = { at: { file: file.path, line: 1, column: 1 } },
): Finding {
  const state = sqlstate === undefined ? "" : ` (${sqlstate})`;
  return {
    rule: `test/${rule}`,
    severity: "error",
    message: `\`${file.name}\` ${what}: ${message}${state}`,
    ...(at ? { at, source } : otherwise),
  };
}

/** One behind the colon, more of them in lines of their own. */
export function listed(differences: readonly Pick<Difference, "text">[]): string {
  const [first] = differences;
  if (first && differences.length === 1) return ` ${first.text}`;
  const shown = differences.slice(0, mostDifferences).map(({ text }) => `\n· ${text}`);
  const more = differences.length - shown.length;
  return [...shown, ...(more > 0 ? [`\n· and ${more} more, which --json lists`] : [])].join("");
}
