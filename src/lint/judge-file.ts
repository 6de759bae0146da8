/** One file before the rules. */
import { countOf, formatBytes } from "../db/amount.ts";
import type { Statement } from "../db/script.ts";
import { as } from "../db/tree.ts";
import type { Finding } from "../findings.ts";
import { untoldIndexOf } from "../locks/effect.ts";
import { effectsOf } from "../locks/effects-of.ts";
import { learn } from "../locks/learn.ts";
import { isSmall } from "../locks/model.ts";
import { qualify } from "../locks/qualify.ts";
import { schemasIn } from "../locks/scope.ts";
import { Forms } from "../migrate/online/form.ts";
import { makeStatement, takesOver } from "../migrate/online/rewriting.ts";
import type { Surroundings } from "../migrate/online/surroundings.ts";
import type { Run } from "../migrate/segment.ts";
import type { Found } from "./apply-ignores.ts";
import { applyIgnores } from "./apply-ignores.ts";
import { FileStatements } from "./file-statements.ts";
import { PlacedStep } from "./placed-step.ts";
import type { Judgement, LintRule, Step } from "./rule.ts";
import { rulesFor } from "./rules/list.ts";
import type { Source } from "./source.ts";

/**
 * Shows the statements of a file to the rules, one after the other, each with the model that those
 * before it have left; with `isOnline` the statements that `migrate --online` runs in their place.
 */
export async function judgeFile(
  source: Source,
  around: Surroundings,
  isOnline: boolean,
  breathe: () => Promise<void> | undefined,
): Promise<{ findings: Finding[]; ignored: number }> {
  const { model } = around;
  const found: Found[] = [];
  const { versioned } = source;
  const forms = isOnline && versioned ? new Forms(around, versioned.transaction) : undefined;
  model.beginFile();
  const schemas = schemasIn(source.statements, model, lastOfRuns(source.runs));
  const named = (one: Statement, of = one) => qualify(one, schemas.get(of));
  const file = new FileStatements(source.statements.map((statement) => named(statement)));
  let place = 0;
  let isInBlock = false;
  let before: Step[] = [];
  for (const run of source.runs) {
    before = [];
    for (const written of run.kind === "block" ? run.statements : [run.statement]) {
      const pause = breathe();
      if (pause) await pause;
      const control = as(written.node, "TransactionStmt")?.kind;
      if (control !== undefined) isInBlock = /^TRANS_STMT_(?:BEGIN|START)$/.test(control);
      const pieces = isInBlock ? undefined : forms?.of(written).pieces;
      forms?.pass(written);
      const isInBatches = run.kind === "alone" && run.backfill !== undefined;
      const asWritten = file.at(place);
      const running = pieces?.map((piece) => named(makeStatement(written, piece), written));
      if (running) file.replace(place, running);
      place += 1;
      for (const [index, statement] of (running ?? (asWritten ? [asWritten] : [])).entries()) {
        const where = pieces?.[index]?.place;
        if (where === "apart" || where === "alone") before = [];
        judge(statement, isInBatches);
        if (where === "alone") before = [];
      }
      if (pieces?.some((piece) => piece.place !== "within")) before = [];
    }
  }
  return applyIgnores(source, found);

  function judge(statement: Statement, isInBatches: boolean): void {
    // Where the leaves have the index, the parent takes it over and builds none.
    const effects = takesOver(statement) ? [] : effectsOf(statement, model);
    const step = new PlacedStep(source, statement, {
      effects,
      model,
      before,
      file,
      isInBlock,
      isInBatches,
    });
    for (const rule of rulesFor(step)) {
      const judgements = rule.judge(step);
      if (judgements.length === 0) continue;
      for (const judgement of judgements) {
        const finding = asFinding(rule, judgement, step);
        if (finding) found.push({ finding, start: statement.start });
      }
    }
    step.noteOwn();
    learn(model, statement);
    step.noteOwn();
    before.push(step);
  }
}

/** Statements behind which a transaction ends. */
export function lastOfRuns(runs: readonly Run[]): ReadonlySet<Statement> {
  const last = new Set<Statement>();
  for (const run of runs) {
    const statement = run.kind === "alone" ? run.statement : run.statements.at(-1);
    if (statement) last.add(statement);
  }
  return last;
}

/** Undefined for what harms nobody: the table is new, or the database says that it is empty. */
function asFinding(
  rule: LintRule,
  { message, hint, severity = rule.severity, table: name, isBySize, object }: Judgement,
  { model, at, source }: PlacedStep,
): Finding | undefined {
  const table = name === undefined ? undefined : model.table(name);
  if (table?.isNew) return undefined;
  const { rows, bytes } = table ?? {};
  const isKnown = isBySize === true && bytes !== undefined;
  if (isKnown && table?.isEmpty) return undefined;
  const count = rows === undefined ? "unknown rows (it was never analyzed)" : countOf(rows, "row");
  const about = object ?? name;
  const size = isKnown ? `; it has ${count}, ${formatBytes(bytes)}` : "";
  return {
    rule: `lint/${rule.name}`,
    severity: isKnown && isSmall({ rows, bytes }) ? "info" : severity,
    message: message + size,
    ...(hint === undefined ? {} : { hint }),
    ...(about === undefined ? {} : { object: untoldIndexOf(about) ?? about }),
    at,
    source: source.text,
  };
}
