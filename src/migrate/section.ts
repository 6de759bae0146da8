/** The inside of a migration file: its two sections, directives, and the checksum. */
import { createHash } from "node:crypto";
import { readPieces } from "../db/lexer.ts";
import type { Piece } from "../db/lexer.ts";
import { changes } from "./schema-version.ts";
import type { Change } from "./schema-version.ts";

/** SQL of one direction. */
export interface Section {
  /** Normalised; exactly this is hashed, stored and executed. */
  readonly text: string;
  /** Line of the file on which `text` begins; undefined when code generated the text. */
  readonly line: number | undefined;
  /** False after `transaction:false`: every statement runs alone, in autocommit. */
  readonly transaction: boolean;
}

/** What a migration does in each direction. */
export interface Sections {
  readonly up: Section;
  readonly down: Section | undefined;
  /** The reason given for having no `down`. */
  readonly irreversible: string | undefined;
  readonly declaredChange: Change | undefined;
}

/** A mistake in the layout of a file; `offset` counts UTF-16 units of the normalised text. */
export interface LayoutProblem {
  readonly rule: string;
  readonly message: string;
  readonly hint: string;
  readonly offset: number;
}

/**
 * The form of a text that is hashed and executed: no byte order mark, LF, and one line break at the
 * end (none in an empty text). What an editor or git's autocrlf changes does not change it.
 */
export function normalise(text: string): string {
  const content = text.replace(/^\uFEFF+/, "").replace(/\r+\n/g, "\n");
  let end = content.length;
  while (end > 0 && (content[end - 1] === "\n" || content[end - 1] === "\r")) end -= 1;
  return end === 0 ? "" : `${content.slice(0, end)}\n`;
}

/** SHA-256 of the normalised text as 64 hexadecimal digits: what the ledger records of a section. */
export function checksum(text: string): string {
  return createHash("sha256").update(normalise(text)).digest("hex");
}

interface Mark {
  readonly type: "up" | "down" | "irreversible";
  readonly start: number;
  /** Offset of the line after the mark. */
  readonly after: number;
  readonly transaction: boolean;
  /** The reason, for `irreversible`. */
  readonly value: string;
}

const example =
  "the file needs a line `-- migrate:up`, the SQL, a line `-- migrate:down`, the SQL that undoes it";

/**
 * Finds the sections of a normalised file. A marker counts where it fills a line of its own from
 * the first column on, outside strings and block comments.
 *
 * Without problems there are sections, and the other way round.
 */
export function parseSections(text: string): { sections?: Sections; problems: LayoutProblem[] } {
  const problems: LayoutProblem[] = [];
  const report = (rule: string, offset: number, message: string, hint: string) => {
    problems.push({ rule: `migrations/${rule}`, message, hint, offset });
  };
  const pieces = readPieces(text);
  if (pieces.length === 0) {
    report("empty-file", 0, "the file is empty", example);
    return { problems };
  }
  const marks: Mark[] = [];
  let declaredChange: Change | undefined;
  for (const piece of pieces) {
    if (piece.kind !== "comment") continue;
    const comment = text.slice(piece.start, piece.end).trimEnd();
    const marker = /^--[ \t]*migrate:(up|down)(?:[ \t]+(.*))?$/.exec(comment);
    const irreversible = /^--[ \t]*irreversible:(.*)$/.exec(comment);
    const change = /^--[ \t]*change:[ \t]*(.*)$/.exec(comment);
    const startsLine = piece.start === 0 || text[piece.start - 1] === "\n";
    const newline = text.indexOf("\n", piece.end);
    const after = newline < 0 ? text.length : newline + 1;
    if (marker && startsLine) {
      const transaction = readOptions(marker[2] ?? "");
      if (transaction === undefined) {
        report(
          "bad-marker",
          piece.start,
          `\`${marker[2]}\` is not an option of a section`,
          "the only one is `transaction:false`",
        );
      }
      const type = marker[1] === "down" ? "down" : "up";
      marks.push({ type, start: piece.start, after, transaction: transaction ?? true, value: "" });
    } else if (marker || /^--\s*migrate\s*[: ]\s*(?:up|down)\b/i.test(comment)) {
      report(
        "bad-marker",
        piece.start,
        `\`${comment}\` is not a marker`,
        "write `-- migrate:up` or `-- migrate:down` in lower case, from the first column on",
      );
    } else if (irreversible && startsLine) {
      const value = (irreversible[1] ?? "").trim();
      if (value === "") {
        report(
          "bad-directive",
          piece.start,
          "`-- irreversible:` gives no reason",
          "say why there is no way back: `-- irreversible: the old hashes are gone`",
        );
      }
      marks.push({ type: "irreversible", start: piece.start, after, transaction: true, value });
    } else if (change && startsLine) {
      const level = changes.find((known) => known === change[1]?.trim());
      const inHeader = !marks.some(({ type }) => type !== "irreversible");
      if (inHeader && level && declaredChange === undefined) declaredChange = level;
      else if (inHeader || level) {
        report(
          "bad-directive",
          piece.start,
          !level
            ? `\`${change[1]}\` is not a kind of change`
            : inHeader
              ? "the change is declared twice"
              : "a change is declared above `-- migrate:up`",
          "write one line `-- change: major`, `minor` or `patch` above `-- migrate:up`",
        );
      }
    }
  }
  return cut(text, pieces, marks, declaredChange, problems, report);
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

function cut(
  text: string,
  pieces: readonly Piece[],
  marks: readonly Mark[],
  declaredChange: Change | undefined,
  problems: LayoutProblem[],
  report: (rule: string, offset: number, message: string, hint: string) => void,
): { sections?: Sections; problems: LayoutProblem[] } {
  const isContent = ({ kind }: Piece) => kind !== "comment" && kind !== "block-comment";
  const contentIn = (start: number, end: number) =>
    pieces.find((piece) => isContent(piece) && piece.start >= start && piece.start < end);
  const [up, secondUp] = marks.filter(({ type }) => type === "up");
  const [down, secondDown] = marks.filter(({ type }) => type === "down");
  const [irreversible, secondReason] = marks.filter(({ type }) => type === "irreversible");
  if (!up) {
    const foreign = foreignMarker(text);
    report(
      "no-marker",
      0,
      foreign
        ? `the file has no \`-- migrate:up\`; \`${foreign}\` is another tool's marker`
        : "the file has no line `-- migrate:up`",
      example,
    );
    return { problems };
  }
  const repeated = secondUp ?? secondDown ?? secondReason;
  if (repeated) {
    const name = repeated.type === "irreversible" ? "irreversible:" : `migrate:${repeated.type}`;
    report("bad-marker", repeated.start, `\`-- ${name}\` stands here a second time`, "keep one");
  }
  if (down && down.start < up.start) {
    report(
      "bad-marker",
      down.start,
      "`-- migrate:down` stands before `-- migrate:up`",
      "swap the sections",
    );
  }
  if (down && irreversible) {
    report(
      "irreversible-with-down",
      irreversible.start,
      "the file says `irreversible` and has a down section",
      "keep the one that is true",
    );
  }
  const outside = contentIn(0, up.start);
  if (outside) {
    report(
      "text-outside-section",
      outside.start,
      "SQL above `-- migrate:up` would never run",
      "move it below the marker",
    );
  }
  const endOfUp = [down, irreversible].find((mark) => mark && mark.start > up.start);
  const hasUp = contentIn(up.after, endOfUp?.start ?? text.length) !== undefined;
  if (!hasUp) {
    report(
      "empty-section",
      up.start,
      "the up section has no SQL",
      "write the change; `SELECT 1;` if there is nothing to do on purpose",
    );
  }
  // An empty down section is no way back: a rollback would only delete the ledger row.
  const hasDown = down !== undefined && contentIn(down.after, text.length) !== undefined;
  const afterReason =
    irreversible && !down
      ? contentIn(Math.max(irreversible.after, up.start), text.length)
      : undefined;
  if (irreversible && irreversible.start > up.start && afterReason) {
    report(
      "text-outside-section",
      afterReason.start,
      "SQL below `-- irreversible` would never run",
      "move `-- irreversible` to the end of the file or above `-- migrate:up`",
    );
  }
  if (problems.length > 0) return { problems };
  const section = (mark: Mark, end: number): Section => ({
    text: normalise(text.slice(mark.after, end)),
    line: text.slice(0, mark.after).split("\n").length,
    transaction: mark.transaction,
  });
  return {
    sections: {
      up: section(up, endOfUp?.start ?? text.length),
      down: down && hasDown ? section(down, text.length) : undefined,
      irreversible: irreversible?.value,
      declaredChange,
    },
    problems,
  };
}

/** The marker of goose, sql-migrate, node-pg-migrate or Liquibase, for the message only. */
function foreignMarker(text: string): string | undefined {
  return /^--[ \t]*(?:\+goose|\+migrate|up migration|liquibase formatted sql).*$/im
    .exec(text)?.[0]
    .trim();
}
