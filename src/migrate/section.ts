/** The inside of a migration file: its two sections, directives, and the checksum. */
import { createHash } from "node:crypto";
import { readPieces } from "../db/lexer.ts";
import type { Piece } from "../db/lexer.ts";
import { readMarks } from "./marker.ts";
import type { LayoutProblem, Mark, Marks } from "./marker.ts";
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

const example =
  "the file needs a line `-- migrate:up`, the SQL, a line `-- migrate:down`, the SQL that undoes it";

/** What a file consists of, or why that cannot be told. One of the two is always there. */
export interface ParsedSections {
  readonly sections?: Sections;
  readonly problems: readonly LayoutProblem[];
}

/**
 * Finds the sections of a normalised file. A marker counts where it fills a line of its own from
 * the first column on, outside strings and block comments.
 */
export function parseSections(text: string): ParsedSections {
  const pieces = readPieces(text);
  if (pieces.length === 0) {
    return { problems: [problem("empty-file", 0, "the file is empty", example)] };
  }
  const read = readMarks(text, pieces);
  const up = read.marks.find(({ type }) => type === "up");
  if (!up) return { problems: [...read.problems, noUpMarker(text)] };
  const down = read.marks.find(({ type }) => type === "down");
  const irreversible = read.marks.find(({ type }) => type === "irreversible");
  const endOfUp =
    [down, irreversible].find((mark) => mark && mark.start > up.start)?.start ?? text.length;
  const contentIn = (start: number, end: number) =>
    pieces.find((piece) => isContent(piece) && piece.start >= start && piece.start < end)?.start;
  const problems = [
    ...read.problems,
    ...checkOrder(read, up, down, irreversible),
    ...checkContent(up, endOfUp, down ? undefined : irreversible, contentIn),
  ];
  if (problems.length > 0) return { problems };
  const section = (mark: Mark, end: number): Section => ({
    text: normalise(text.slice(mark.after, end)),
    line: text.slice(0, mark.after).split("\n").length,
    transaction: mark.transaction,
  });
  // An empty down section is no way back: a rollback would only delete the ledger row.
  const hasDown = down !== undefined && contentIn(down.after, text.length) !== undefined;
  return {
    sections: {
      up: section(up, endOfUp),
      down: hasDown ? section(down, text.length) : undefined,
      irreversible: irreversible?.reason,
      declaredChange: read.declaredChange,
    },
    problems,
  };
}

function isContent({ kind }: Piece): boolean {
  return kind !== "comment" && kind !== "block-comment";
}

function checkOrder(
  { marks }: Marks,
  up: Mark,
  down: Mark | undefined,
  irreversible: Mark | undefined,
): LayoutProblem[] {
  const problems: LayoutProblem[] = [];
  const repeated = marks.find((mark) => mark !== up && mark !== down && mark !== irreversible);
  if (repeated) {
    const name = repeated.type === "irreversible" ? "irreversible:" : `migrate:${repeated.type}`;
    const message = `\`-- ${name}\` stands here a second time`;
    problems.push(problem("bad-marker", repeated.start, message, "keep one"));
  }
  if (down && down.start < up.start) {
    const message = "`-- migrate:down` stands before `-- migrate:up`";
    problems.push(problem("bad-marker", down.start, message, "swap the sections"));
  }
  if (down && irreversible) {
    const message = "the file says `irreversible` and has a down section";
    const hint = "keep the one that is true";
    problems.push(problem("irreversible-with-down", irreversible.start, message, hint));
  }
  return problems;
}

/** SQL where there must be some, and none where it would never run. */
function checkContent(
  up: Mark,
  endOfUp: number,
  irreversible: Mark | undefined,
  contentIn: (start: number, end: number) => number | undefined,
): LayoutProblem[] {
  const problems: LayoutProblem[] = [];
  const above = contentIn(0, up.start);
  if (above !== undefined) {
    const message = "SQL above `-- migrate:up` would never run";
    problems.push(problem("text-outside-section", above, message, "move it below the marker"));
  }
  if (contentIn(up.after, endOfUp) === undefined) {
    const hint = "write the change; `SELECT 1;` if there is nothing to do on purpose";
    problems.push(problem("empty-section", up.start, "the up section has no SQL", hint));
  }
  const below =
    irreversible && irreversible.start > up.start
      ? contentIn(irreversible.after, Number.POSITIVE_INFINITY)
      : undefined;
  if (below !== undefined) {
    const message = "SQL below `-- irreversible` would never run";
    const hint = "move `-- irreversible` to the end of the file or above `-- migrate:up`";
    problems.push(problem("text-outside-section", below, message, hint));
  }
  return problems;
}

function noUpMarker(text: string): LayoutProblem {
  const foreign = foreignMarker(text);
  const message = foreign
    ? `the file has no \`-- migrate:up\`; \`${foreign}\` is another tool's marker`
    : "the file has no line `-- migrate:up`";
  return problem("no-marker", 0, message, example);
}

function problem(rule: string, offset: number, message: string, hint: string): LayoutProblem {
  return { rule: `migrations/${rule}`, message, hint, offset };
}

/** The marker of goose, sql-migrate, node-pg-migrate or Liquibase, for the message only. */
function foreignMarker(text: string): string | undefined {
  return /^--[ \t]*(?:\+goose|\+migrate|up migration|liquibase formatted sql).*$/im
    .exec(text)?.[0]
    .trim();
}
