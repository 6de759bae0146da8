/** SQL texts as PostgreSQL's own parser sees them. */
import { createHash } from "node:crypto";
import type { CopyStmt, Node } from "libpg-query";
import { findClientParts, readPieces } from "./lexer.ts";
import type { Parser } from "./parser.ts";
import { ParserError, instantiateParser } from "./parser.ts";
import { byteOffsetsToOffsets, placesIn, serverPositionToOffset } from "./place.ts";

export type { Node } from "libpg-query";
export type * as Tree from "libpg-query";

/** One statement of a script. */
export interface Statement {
  /** The source without its semicolon and without blanks and comments around it. */
  readonly text: string;
  /** UTF-16 offsets of `text` in the script, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Of `start`, from 1; columns count characters. */
  readonly line: number;
  readonly column: number;
  /** The name of the parse tree's root: "IndexStmt". */
  readonly kind: string;
  readonly node: Node;
}

/**
 * Why a text is not a script: it is not SQL, or it is something only psql understands; "too-deep" is
 * not known to be wrong.
 */
export type ScriptErrorReason = "syntax" | "meta-command" | "copy-data" | "too-deep";

/** A text that PostgreSQL 18 does not parse. `offset` counts UTF-16 units of that text. */
export class ScriptError extends Error {
  readonly reason: ScriptErrorReason;
  readonly offset: number;
  readonly line: number;
  readonly column: number;

  constructor(reason: ScriptErrorReason, message: string, text: string, offset: number) {
    super(message);
    this.name = "ScriptError";
    this.reason = reason;
    this.offset = offset;
    ({ line: this.line, column: this.column } = placesIn(text)(offset));
  }
}

let parser: Parser | undefined;
let loading: Promise<Parser> | undefined;

/** Loads the parser (about 40 ms, once). Must have finished before `parseScript` is called. */
export async function loadParser(): Promise<void> {
  parser ??= await (loading ??= instantiateParser());
}

/**
 * Splits a script into statements. A text of blanks and comments has none.
 *
 * The grammar is that of PostgreSQL 18, so syntax that an older server refuses passes here.
 *
 * @throws ScriptError at the first thing that is not SQL.
 */
export function parseScript(text: string): Statement[] {
  const trees = parse(text);
  const places: number[] = [];
  for (const { stmt_location: start = 0, stmt_len: length } of trees) {
    // Only the last statement can lack a length: it goes on to the end of the text.
    places.push(start, length === undefined ? Number.MAX_SAFE_INTEGER : start + length);
  }
  const bounds = byteOffsetsToOffsets(text, places);
  const code = readPieces(text).filter((piece) => piece.kind === "code");
  const placeOf = placesIn(text);
  const statements: Statement[] = [];
  let next = 0;
  for (const { stmt: node } of trees) {
    const from = bounds[2 * statements.length] ?? 0;
    const to = Math.min(bounds[2 * statements.length + 1] ?? 0, text.length);
    while ((code[next]?.start ?? to) < from) next += 1;
    const start = code[next]?.start ?? from;
    let end = to;
    for (; (code[next]?.start ?? to) < to; next += 1) end = code[next]?.end ?? to;
    const kind = node === undefined ? undefined : Object.keys(node)[0];
    if (node === undefined || kind === undefined) throw new TypeError("a statement has no tree");
    const { line, column } = placeOf(start);
    statements.push({ text: text.slice(start, end), start, end, line, column, kind, node });
  }
  return statements;
}

/**
 * SHA-256 (hex) of the parse tree without places: equal for two scripts that differ in comments
 * and white space alone. Literals count, unlike in libpg-query's own fingerprint, where
 * `DEFAULT 5` equals `DEFAULT 6`. So do bodies of functions, which PostgreSQL stores as written.
 *
 * The value depends on the parser's version: compare it, never store it.
 *
 * @throws ScriptError as `parseScript`.
 */
export function treeHash(text: string): string {
  const trees = parse(text).map(({ stmt }) => stmt);
  return createHash("sha256").update(JSON.stringify(trees, withoutPlace)).digest("hex");
}

// The numeric test spares the one field of that name which is content: CREATE TABLESPACE … LOCATION.
const placeField = /^(?:location|(?:name|stmt)_location|stmt_len|(?:rexpr_)?list_(?:start|end))$/;
const withoutPlace = (key: string, value: unknown) =>
  typeof value === "number" && placeField.test(key) ? undefined : value;

/** True for trees that differ in nothing but places. */
export function isSameTree(a: unknown, b: unknown): boolean {
  return JSON.stringify(a, withoutPlace) === JSON.stringify(b, withoutPlace);
}

function parse(text: string) {
  if (!parser) throw new Error("loadParser() was not awaited");
  if (text === "") return []; // the parser throws "Query cannot be empty"
  const nul = text.indexOf("\0");
  // The parser takes a C string: what follows a NUL would be left out in silence.
  if (nul >= 0) throw new ScriptError("syntax", "a NUL character cannot be in SQL", text, nul);
  try {
    return parser.parse(text).stmts ?? [];
  } catch (error) {
    throw explain(error, text);
  }
}

const tooDeep =
  "it is nested too deeply for the parser, which does not tell whether PostgreSQL takes it";

function explain(error: unknown, text: string): ScriptError {
  // Too deep a nesting overflows the parser's stack or that of JSON.parse: no place is known then.
  if (error instanceof RangeError) return new ScriptError("too-deep", tooDeep, text, 0);
  if (!(error instanceof ParserError)) {
    const why = error instanceof Error ? error.message : String(error);
    return new ScriptError("syntax", `the text could not be parsed: ${why}`, text, 0);
  }
  const offset = serverPositionToOffset(text, error.place + 1);
  const part = findClientParts(text).find((piece) => piece.end > offset);
  if (part && part.start <= offset) {
    const shown = text.slice(part.start, part.end).trim();
    return part.kind === "meta-command"
      ? new ScriptError("meta-command", `\`${shown}\` is a command of psql`, text, part.start)
      : new ScriptError("copy-data", "inline COPY data is read by psql alone", text, part.start);
  }
  return followsCopyFromStdin(text, offset)
    ? new ScriptError("copy-data", "inline COPY data is read by psql alone", text, offset)
    : new ScriptError("syntax", error.message, text, offset);
}

/**
 * True right after a COPY … FROM stdin: data without a closing `\.`, which psql reads to the end of
 * the file.
 */
function followsCopyFromStdin(text: string, offset: number): boolean {
  const semicolons = readPieces(text).filter(({ kind }) => kind === "semicolon");
  const last = semicolons.findLast(({ end }) => end <= offset);
  if (!last || text.slice(last.end, offset).trim() !== "") return false;
  const node = parse(text.slice(0, last.end)).at(-1)?.stmt;
  return node !== undefined && "CopyStmt" in node && isClientCopy(node.CopyStmt);
}

/** True for COPY … FROM stdin and COPY … TO stdout, whose data goes through the client. */
export function isClientCopy(copy: CopyStmt): boolean {
  return copy.filename === undefined && copy.is_program !== true;
}

/** A word, number, string or sign of a text; comments are none. */
export interface Token {
  readonly text: string;
  /** In UTF-8 bytes, as every `location` in a tree. */
  readonly start: number;
  readonly end: number;
  /** A key word that cannot be a name without quotes, or not everywhere. */
  readonly isKeyword: boolean;
}

/** The tokens of a text that `parseScript` accepts. */
export function scanTokens(text: string): Token[] {
  if (!parser) throw new Error("loadParser() was not awaited");
  return parser
    .scan(text)
    .tokens.filter(({ tokenName }) => !tokenName.endsWith("_COMMENT"))
    .map(({ text: token, start, end, keywordKind }) => ({
      text: token,
      start,
      end,
      isKeyword: keywordKind > 1,
    }));
}
