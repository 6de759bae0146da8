/** Comments that say why a finding is all right: `-- lint:ignore set-not-null: the table has 3 rows`. */
import { readPieces } from "../db/lexer.ts";
import type { Finding } from "../findings.ts";

export interface Ignore {
  readonly rules: readonly string[];
  readonly reason: string;
  /** Offset of the comment in the text. */
  readonly start: number;
  /** Offset of the statement that it is about; undefined for the whole file, -1 where none follows. */
  readonly statement: number | undefined;
}

/** A comment that cannot be read, without its place. */
export interface IgnoreMistake extends Pick<Finding, "rule" | "severity" | "message" | "hint"> {
  readonly start: number;
}

/** False for most texts: they need not be read. */
export function mentionsIgnore(text: string): boolean {
  return text.includes("lint:ignore");
}

const example = "`-- lint:ignore set-not-null: the table has 3 rows`";

/**
 * Reads the comments of a text. `lint:ignore` is about the statement that follows it, or the one it
 * stands in; above `begin` (the `-- migrate:up`, above which the checksum does not reach), and as
 * `lint:ignore-file` anywhere, it is about the whole file.
 */
export function readIgnores(
  text: string,
  begin: number,
  statements: readonly { readonly start: number; readonly end: number }[],
  known: ReadonlySet<string>,
): { ignores: Ignore[]; mistakes: IgnoreMistake[] } {
  const ignores: Ignore[] = [];
  const mistakes: IgnoreMistake[] = [];
  if (!mentionsIgnore(text)) return { ignores, mistakes };
  for (const { kind, start, end } of readPieces(text)) {
    if (kind !== "comment" && kind !== "block-comment") continue;
    const comment = text.slice(start, end);
    const found = /^(?:--|\/\*)\s*lint:ignore(-file)?(?![\w-])(.*?)(?:\*\/)?$/s.exec(comment);
    if (!found) continue;
    const [, wholeFile, body = ""] = found;
    const colon = body.indexOf(":");
    const rules = (colon < 0 ? body : body.slice(0, colon))
      .split(/[\s,]+/)
      .map((name) => name.replace(/^lint\//, ""))
      .filter(Boolean);
    const reason = colon < 0 ? "" : body.slice(colon + 1).trim();
    const unknown = rules.filter((rule) => !known.has(rule));
    if (rules.length === 0 || reason === "") {
      mistakes.push({
        rule: "lint/ignore-without-reason",
        severity: "error",
        message:
          rules.length === 0
            ? "an ignore comment that names no rule"
            : "an ignore comment without a reason",
        hint: `name the rule and say why: ${example}`,
        start,
      });
    } else if (unknown.length > 0) {
      mistakes.push({
        rule: "lint/ignore-unknown",
        severity: "error",
        message: `there is no rule ${unknown.map((rule) => `\`${rule}\``).join(", ")}`,
        hint: "`pgwright lint --explain` lists the rules",
        start,
      });
    } else {
      const next = statements.find((statement) => statement.end > start);
      ignores.push({
        rules,
        reason,
        start,
        statement: wholeFile || start < begin ? undefined : (next?.start ?? -1),
      });
    }
  }
  return { ignores, mistakes };
}
