/** One migration file, parsed and judged: what `validate` reports and what a runner refuses. */
import { findClientParts } from "../db/lexer.ts";
import { ScriptError, loadParser, parseScript } from "../db/script.ts";
import type { ScriptErrorReason, Statement } from "../db/script.ts";
import type { Finding } from "../findings.ts";
import { judgeChange } from "./change.ts";
import type { JudgedChange } from "./change.ts";
import { checkStatements } from "./check.ts";
import { loadSections, locate, placeInText } from "./file.ts";
import type { MigrationFile, RepeatableFile } from "./file.ts";
import { isBelow } from "./schema-version.ts";
import type { Change } from "./schema-version.ts";
import type { Section, Sections } from "./section.ts";
import { segment } from "./segment.ts";
import type { Run } from "./segment.ts";

/** A section with its statements. */
export interface ParsedSection {
  readonly section: Section;
  readonly statements: readonly Statement[];
  readonly runs: readonly Run[];
  readonly findings: readonly Finding[];
}

export interface InspectedMigration {
  readonly file: MigrationFile;
  readonly sections: Sections;
  readonly up: ParsedSection;
  readonly down: ParsedSection | undefined;
  readonly judged: JudgedChange;
  /** The declared change, else the judged one. */
  readonly change: Change;
  /** Everything, that of the sections included. */
  readonly findings: readonly Finding[];
}

export interface InspectedRepeatable extends ParsedSection {
  readonly file: RepeatableFile;
}

/**
 * Parses both sections of a migration and judges them.
 *
 * @throws PgwrightError `migration-code` from a code migration that fails.
 */
export async function inspectMigration(file: MigrationFile): Promise<InspectedMigration> {
  await loadParser();
  const sections = await loadSections(file);
  const up = parseSection(file, sections.up);
  const down = sections.down && parseSection(file, sections.down);
  const judged = judgeChange(up.statements);
  const findings = [...up.findings, ...(down?.findings ?? [])];
  if (file.kind === "code" && up.statements.length === 0 && up.findings.length === 0) {
    findings.push({
      rule: "migrations/empty-section",
      severity: "error",
      message: "its `up` generates no SQL",
      hint: "call methods of `pgm`; `pgm.sql('SELECT 1')` if there is nothing to do on purpose",
      ...placeInText(file, 0),
    });
  }
  // A quote that was left open hides the marker: the syntax error says it all.
  const isReadable = !up.findings.some(({ rule }) => /\/(?:syntax-error|too-deep)$/.test(rule));
  if (isReadable && !sections.down && sections.irreversible === undefined) {
    findings.push(missingDown(file));
  }
  const declared = sections.declaredChange;
  if (declared !== undefined && isBelow(declared, judged.least)) {
    findings.push(tooLow(file, sections.up, declared, judged));
  }
  return { file, sections, up, down, judged, change: declared ?? judged.change, findings };
}

/** Parses a repeatable file and judges it. `loadParser()` must have finished. */
export function inspectRepeatable(file: RepeatableFile): InspectedRepeatable {
  return { file, ...parseSection(file, file.section) };
}

/** Parses one section; what only psql understands is reported and skipped, so that more is found. */
function parseSection(file: MigrationFile | RepeatableFile, section: Section): ParsedSection {
  const findings: Finding[] = [];
  let statements: Statement[] = [];
  let text = section.text;
  const copies: number[] = [];
  for (const { kind, start, end } of findClientParts(text)) {
    const part = text.slice(start, end);
    if (kind === "meta-command") {
      findings.push({
        ...scriptFinding("meta-command", `\`${part.trim()}\` is a command of psql`),
        ...placeOf(file, section, start),
      });
    }
    // \g and its kin end a statement. The COPY before data is reported as a statement.
    const blank = part.replace(/[^\n]/g, " ");
    if (kind === "copy-data") {
      copies.push(start);
      text = splice(text, start, `--${blank.slice(2)}`);
    } else {
      text = splice(text, start, part.startsWith("\\g") ? `;${blank.slice(1)}` : blank);
    }
  }
  try {
    statements = parseScript(text);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    findings.push({
      ...scriptFinding(error.reason, error.message),
      ...placeOf(file, section, error.offset),
    });
    // Without statements, the COPY before the data is not reported below.
    for (const start of copies) {
      findings.push({
        ...scriptFinding("copy-data", "inline COPY data is read by psql alone"),
        ...placeOf(file, section, start),
      });
    }
  }
  const runs = segment(statements, section.transaction, text);
  for (const problem of checkStatements(runs, file.kind === "repeatable")) {
    const { statement, ...finding } = problem;
    findings.push({ ...finding, ...placeOf(file, section, statement.start) });
  }
  return { section, statements, runs, findings };
}

/** `text` with `substitute` over what stands at `start`, so that all places stay the same. */
function splice(text: string, start: number, substitute: string): string {
  return text.slice(0, start) + substitute + text.slice(start + substitute.length);
}

function scriptFinding(
  reason: ScriptErrorReason,
  message: string,
): Pick<Finding, "rule" | "severity" | "message" | "hint"> {
  switch (reason) {
    case "meta-command":
      return {
        rule: "migrations/psql-command",
        severity: "error",
        message,
        hint: /^`\\(?:un)?restrict/.test(message)
          ? "delete the line: pg_dump writes it for psql alone"
          : "write it in SQL; only psql runs lines that begin with a backslash",
      };
    case "copy-data":
      return {
        rule: "migrations/copy-data",
        severity: "error",
        message,
        hint: "write INSERT … VALUES, or load the data with a seed",
      };
    case "syntax":
      return { rule: "migrations/syntax-error", severity: "error", message };
    case "too-deep":
      return {
        rule: "migrations/too-deep",
        severity: "error",
        message,
        hint: "write long sums as rows, `SELECT sum(x) FROM (VALUES (1), (2)) AS v (x)`, and long ORs as `IN (…)`",
      };
  }
}

function missingDown(file: MigrationFile): Finding {
  const marker = /^--[ \t]*migrate:down\b/m.exec(file.text);
  return {
    rule: "migrations/missing-down",
    severity: "error",
    message: marker
      ? "the down section has no SQL"
      : file.kind === "code"
        ? "the file has no `down` with SQL in it, and none can be inferred from its `up`"
        : "the file has no `-- migrate:down`",
    hint:
      file.kind === "code"
        ? "export a function `down`, or `export const down = false`"
        : "write what undoes the change (`SELECT 1;` if nothing needs undoing), or `-- irreversible: <reason>`",
    ...placeInText(file, marker?.index ?? 0),
  };
}

function tooLow(
  file: MigrationFile,
  section: Section,
  declared: Change,
  { judgements, least }: JudgedChange,
): Finding {
  const judgement = judgements.find(({ change, isCertain }) => isCertain && change === least);
  return {
    rule: "migrations/change-too-low",
    severity: "error",
    message: `declared ${declared}, but ${judgement?.reason}: that is ${least}`,
    hint: `declare \`-- change: ${least}\`, or leave the line out`,
    ...placeOf(file, section, judgement?.statement.start ?? 0),
  };
}

/** Generated SQL has no place in its file: the finding then names the file alone. */
function placeOf(
  file: MigrationFile | RepeatableFile,
  section: Section,
  offset: number,
): Pick<Finding, "at" | "source"> {
  const at = locate(file, section, offset);
  return at ? { at, source: file.text } : { at: { file: file.path, line: 1, column: 1 } };
}
