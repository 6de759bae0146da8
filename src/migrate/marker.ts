/** The lines of a migration file that are addressed to pgwright: markers and directives. */
import type { Piece } from "../db/lexer.ts";
import { changes } from "./schema-version.ts";
import type { Change } from "./schema-version.ts";

/** A mistake in the layout of a file; `offset` counts UTF-16 units of the normalised text. */
export interface LayoutProblem {
  readonly rule: string;
  readonly message: string;
  readonly hint: string;
  readonly offset: number;
}

/** A line that begins or ends a section. */
export interface Mark {
  readonly type: "up" | "down" | "irreversible";
  readonly start: number;
  /** Offset of the line after the mark. */
  readonly after: number;
  readonly transaction: boolean;
  /** The reason, for `irreversible`. */
  readonly reason: string;
}

export interface Marks {
  readonly marks: readonly Mark[];
  readonly declaredChange: Change | undefined;
  readonly problems: readonly LayoutProblem[];
}

// Nearly a marker: in another case, with blanks in it, or not on a line of its own.
const nearMarker = /^--\s*migrate\s*:?\s*(?:up|down)(?:\s+transaction\S*)?$/i;

/** Reads the marks of a text, in order. Only comments can be marks, and only from column 1 on. */
export function readMarks(text: string, pieces: readonly Piece[]): Marks {
  const marks: Mark[] = [];
  const problems: LayoutProblem[] = [];
  let declaredChange: Change | undefined;
  for (const { kind, start, end } of pieces) {
    if (kind !== "comment") continue;
    const comment = text.slice(start, end).trimEnd();
    const startsLine = start === 0 || text[start - 1] === "\n";
    const marker = /^--[ \t]*migrate:(up|down)(?:[ \t]+(.*))?$/.exec(comment);
    const reason = /^--[ \t]*irreversible:(.*)$/.exec(comment)?.[1]?.trim();
    const level = /^--[ \t]*change:(.*)$/.exec(comment)?.[1]?.trim();
    const newline = text.indexOf("\n", end);
    const after = newline < 0 ? text.length : newline + 1;
    if (marker && startsLine) {
      const [, type, options = ""] = marker;
      const transaction = readOptions(options);
      if (transaction === undefined) problems.push(unknownOption(options, start));
      marks.push({
        type: type === "down" ? "down" : "up",
        start,
        after,
        transaction: transaction ?? true,
        reason: "",
      });
    } else if (marker || nearMarker.test(comment)) {
      problems.push(noMarker(comment, start));
    } else if (reason !== undefined && startsLine) {
      if (reason === "") problems.push(noReason(start));
      marks.push({ type: "irreversible", start, after, transaction: true, reason });
    } else if (level !== undefined && startsLine) {
      const isHeader = marks.every(({ type }) => type === "irreversible");
      const known = changes.find((change) => change === level);
      // In a section, "change:" may be the beginning of any sentence.
      if (!isHeader && !known) continue;
      if (isHeader && known && declaredChange === undefined) declaredChange = known;
      else problems.push(badChange(level, known !== undefined, isHeader, start));
    }
  }
  return { marks, declaredChange, problems };
}

/** `transaction:false` and `transaction:true`; undefined for anything else. */
function readOptions(options: string): boolean | undefined {
  let transaction = true;
  for (const option of options.split(/[ \t]+/).filter(Boolean)) {
    if (option === "transaction:false") transaction = false;
    else if (option !== "transaction:true") return undefined;
  }
  return transaction;
}

function unknownOption(options: string, offset: number): LayoutProblem {
  return {
    rule: "migrations/bad-marker",
    offset,
    message: `\`${options}\` is not an option of a section`,
    hint: "the only one is `transaction:false`",
  };
}

function noMarker(comment: string, offset: number): LayoutProblem {
  return {
    rule: "migrations/bad-marker",
    offset,
    message: `\`${comment}\` is not a marker`,
    hint: "write `-- migrate:up` or `-- migrate:down` in lower case, from the first column on",
  };
}

function noReason(offset: number): LayoutProblem {
  return {
    rule: "migrations/bad-directive",
    offset,
    message: "`-- irreversible:` gives no reason",
    hint: "say why there is no way back: `-- irreversible: the old hashes are gone`",
  };
}

function badChange(
  level: string,
  isKnown: boolean,
  isHeader: boolean,
  offset: number,
): LayoutProblem {
  return {
    rule: "migrations/bad-directive",
    offset,
    message: !isKnown
      ? `\`${level}\` is not a kind of change`
      : isHeader
        ? "the change is declared twice"
        : `\`-- change: ${level}\` stands below \`-- migrate:up\` and must stand above it`,
    hint:
      isKnown && !isHeader
        ? "move it above `-- migrate:up`"
        : "write one line `-- change: major`, `minor` or `patch` above `-- migrate:up`",
  };
}
