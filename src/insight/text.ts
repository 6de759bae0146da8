/** Texts of statements: what may be shown of them, and what makes two of them the same. */
import { createHash } from "node:crypto";
import { parseScript, scanTokens, ScriptError, type Node } from "../db/script.ts";
import { redact } from "../db/redact.ts";
import { valuesOf } from "../db/tree.ts";

/** In statements of this feature, by which it leaves itself out of what it reports. */
export const ownMark = "/* pgwright insight */";

/** Kinds that EXPLAIN takes and pg_stat_statements normalises. */
const plannable = new Set(["SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"]);

/** The one statement of a text; undefined for what is cut off, or no SQL of PostgreSQL 18. */
export function statementOf(text: string): { kind: string; node: Node } | undefined {
  try {
    const [statement, ...more] = parseScript(text);
    return statement === undefined || more.length > 0 ? undefined : statement;
  } catch (error) {
    if (error instanceof ScriptError) return undefined;
    throw error;
  }
}

export function isPlannable(kind: string | undefined): boolean {
  return kind !== undefined && plannable.has(kind);
}

/** Also a SELECT writes, by `WITH x AS (DELETE …)`, and by locking rows. */
export function isWriting({ kind, node }: { kind: string; node: Node }): boolean {
  const writing = ["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "LockingClause"];
  return kind !== "SelectStmt" || writing.some((one) => valuesOf(node, one).length > 0);
}

/**
 * A text that may be shown and stored. The server takes constants out of queries, but keeps those of
 * utility statements: passwords, values of SET, options of servers. There every string goes, and so
 * does every string of what cannot be read.
 */
export function maskText(text: string): string {
  const statement = statementOf(text);
  if (isPlannable(statement?.kind)) return redact(text);
  return redact(maskStrings(text));
}

function maskStrings(text: string): string {
  let tokens;
  try {
    tokens = scanTokens(text);
  } catch {
    // Cut off inside a string: from the first quote on, nothing is known to be harmless.
    return text.replace(/['$][^]*$/, "'***'");
  }
  const source = Buffer.from(text);
  let result = "";
  let from = 0;
  for (const { text: token, start, end } of tokens) {
    if (!/^(?:[ebxn]|u&)?'|^\$[^0-9]/i.test(token)) continue;
    result += `${source.subarray(from, start).toString()}'***'`;
    from = end;
  }
  return result + source.subarray(from).toString();
}

/** On one line, cut to so many characters, without the comments in front of it. */
export function oneLine(text: string, most: number): string {
  const line = withoutLeadingComments(text).replaceAll(/\s+/g, " ").trim();
  const characters = Array.from(line);
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join("")}…`;
}

/** On one line, `-- …` would take the whole query with it. Comments within comments are rare enough. */
export function withoutLeadingComments(text: string): string {
  const rest = text.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)+/, "");
  return rest === "" ? text : rest;
}

/**
 * What two texts have in common when they differ only in blanks, comments, the numbers of their
 * parameters, and the length of lists of constants: 15 to 17 keep an entry for each length of an
 * IN list, 18 one, as `IN ($1 /*, ... * /)`.
 */
export function identityOf(text: string): string {
  let words: string[];
  try {
    words = scanTokens(text).map((token) =>
      /^\$[0-9]+$/.test(token.text)
        ? "$"
        : token.text.startsWith('"')
          ? token.text
          : token.text.toLowerCase(),
    );
  } catch {
    words = [text];
  }
  const joined = words.join(" ").replaceAll(/\$( , \$)+/g, "$");
  return createHash("sha256").update(joined).digest("hex").slice(0, 16);
}
