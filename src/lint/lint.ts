/** `pgwright lint`: what migrations do to a database that is in use. */
import { countOf, formatBytes } from "../db/amount.ts";
import { positionToLocation } from "../db/place.ts";
import type { Statement } from "../db/script.ts";
import { loadParser } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { as } from "../db/tree.ts";
import type { Location } from "../errors.ts";
import type { Finding } from "../findings.ts";
import { readModel } from "../locks/catalog.ts";
import { effectsOf } from "../locks/effects-of.ts";
import { learn } from "../locks/learn.ts";
import { Model, isSmall } from "../locks/model.ts";
import { qualify, schemasIn } from "../locks/scope.ts";
import type { MigrationDirectory } from "../migrate/file.ts";
import type { LedgerPlace } from "../migrate/ledger-place.ts";
import { readLedger } from "../migrate/ledger.ts";
import { Forms } from "../migrate/online/form.ts";
import { makeStatement, takesOver } from "../migrate/online/rewriting.ts";
import type { Surroundings } from "../migrate/online/surroundings.ts";
import { readSurroundings, surroundingsOf } from "../migrate/online/surroundings.ts";
import { compare } from "../migrate/plan.ts";
import { breathing } from "./breathing.ts";
import type { Ignore } from "./ignore.ts";
import { mentionsIgnore, readIgnores } from "./ignore.ts";
import type { Judgement, LintRule, Step } from "./rule.ts";
import { lintRules, rulesFor } from "./rules/list.ts";
import type { Source, SourceOptions } from "./source.ts";
import { readSources } from "./source.ts";

export interface LintOptions extends Omit<SourceOptions, "pending"> {
  /** Oldest major version the files must run on; undefined is that of the database, else 15. */
  readonly server: number | undefined;
  /** To look up sizes, types, volatility and dependents; undefined asks no database. */
  readonly session: Session | undefined;
  readonly ledger: LedgerPlace;
  /** `migrate` runs the directory's migrations online: judged is what it runs then. */
  readonly online: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface LintResult {
  /** Files judged; those before them are only read. */
  readonly files: number;
  readonly statements: number;
  /** Statements whose effect only running them shows: DO, CALL. */
  readonly unjudged: number;
  /** The version they are judged for. */
  readonly server: number;
  readonly asksDatabase: boolean;
  /** Migrations are judged in the form in which `migrate --online` runs them. */
  readonly online: boolean;
  readonly base: { readonly name: string; readonly mergeBase: string } | null;
  /** Findings that comments explain away. */
  readonly ignored: number;
  readonly findings: readonly Finding[];
}

/**
 * Judges migrations in their order, each against what the ones before it (or the database's catalog)
 * have left. Reads only.
 *
 * @throws PgwrightError `migrations-unreadable`, `migration-code`, `git-failed`.
 */
export async function lintFiles(options: LintOptions): Promise<LintResult> {
  const { session } = options;
  const ledger = session && (await readLedger(session, options.ledger));
  const pending =
    ledger &&
    ((directory: MigrationDirectory) => {
      const { pending, repeatables } = compare(directory, ledger);
      return new Set([...pending, ...repeatables].map(({ name }) => name));
    });
  // Files are read while V8 compiles the parser in the background.
  const [, { sources, base }] = await Promise.all([
    loadParser(),
    readSources({ ...options, pending }),
  ]);
  const catalog = session && (await (options.online ? readSurroundings : readCatalog)(session));
  const server = options.server ?? catalog?.model.server ?? 15;
  // What a branch or a deployment brings is one release: nobody uses the tables that it creates.
  const isOneRelease = options.base !== undefined || session !== undefined;
  let around = surroundingsOf(new Model());
  const findings: Finding[] = [];
  let [files, statements, unjudged, ignored] = [0, 0, 0, 0];
  const breathe = breathing(options.signal);
  for (const read of sources) {
    await breathe();
    const source = await read();
    // From the first that is judged on, what the catalog says is what the files before have made.
    if (catalog && source.isJudged && files === 0) around = catalog;
    const { model } = around;
    model.server = server;
    if (source.isJudged) {
      const one = await lintOne(source, around, options.online, breathe);
      findings.push(...one.findings);
      ignored += one.ignored;
      files += 1;
      statements += source.statements.length;
      unjudged += source.statements.filter(({ kind }) => opaque.has(kind)).length;
    } else {
      model.beginFile();
      const schemas = schemasIn(source.statements, model);
      for (const statement of source.statements) {
        learn(model, qualify(statement, schemas.get(statement)));
      }
    }
    if (!isOneRelease || !source.isJudged) model.settle();
  }
  return {
    files,
    statements,
    unjudged,
    server,
    asksDatabase: session !== undefined,
    online: options.online,
    base,
    ignored,
    findings,
  };
}

/** What judging needs of the catalog where nothing is rewritten. */
async function readCatalog(session: Session): Promise<Surroundings> {
  return surroundingsOf(await readModel(session));
}

/** What they do shows only when they run. */
const opaque = new Set(["DoStmt", "CallStmt"]);

interface Found {
  readonly finding: Finding;
  /** Offset of the statement in the section. */
  readonly start: number;
}

/** A step that looks up its place when asked: most statements have no finding. */
class PlacedStep implements Step {
  readonly source: Source;
  readonly statement: Statement;
  readonly effects: Step["effects"];
  readonly model: Model;
  readonly before: readonly Step[];
  readonly file: readonly Statement[];
  readonly isInBlock: boolean;
  readonly isInBatches: boolean;
  readonly own = new Set<string>();
  #at: Location | undefined;

  constructor(
    source: Source,
    statement: Statement,
    known: Pick<Step, "effects" | "model" | "before" | "file" | "isInBlock" | "isInBatches">,
  ) {
    this.source = source;
    this.statement = statement;
    this.effects = known.effects;
    this.model = known.model;
    this.before = known.before;
    this.file = known.file;
    this.isInBlock = known.isInBlock;
    this.isInBatches = known.isInBatches;
  }

  get at(): Location {
    return (this.#at ??= this.source.placeOf(this.statement.start));
  }

  get line(): number {
    return this.at.line;
  }

  /** Notes which of its tables are new in the model as it is now. */
  noteOwn(): void {
    for (const { table, other } of this.effects) {
      for (const name of other ? [table, other.table] : [table]) {
        if (this.model.table(name)?.isNew === true) this.own.add(name);
      }
    }
  }
}

async function lintOne(
  source: Source,
  around: Surroundings,
  isOnline: boolean,
  breathe: () => Promise<void>,
): Promise<{ findings: Finding[]; ignored: number }> {
  const { model } = around;
  const found: Found[] = [];
  const { versioned } = source;
  const forms = isOnline && versioned ? new Forms(around, versioned.transaction) : undefined;
  model.beginFile();
  const schemas = schemasIn(source.statements, model);
  const named = (one: Statement, of = one) => qualify(one, schemas.get(of));
  const file = source.statements.map((statement) => named(statement));
  let place = 0;
  let isInBlock = false;
  let before: Step[] = [];
  for (const run of source.runs) {
    before = [];
    for (const written of run.kind === "block" ? run.statements : [run.statement]) {
      await breathe();
      const control = as(written.node, "TransactionStmt")?.kind;
      if (control !== undefined) isInBlock = /^TRANS_STMT_(?:BEGIN|START)$/.test(control);
      const pieces = isInBlock ? undefined : forms?.of(written).pieces;
      forms?.pass(written);
      const isInBatches = run.kind === "alone" && run.backfill !== undefined;
      const running = pieces?.map((piece) => named(makeStatement(written, piece), written));
      if (running) file.splice(place, 1, ...running);
      for (const index of (running ?? [written]).keys()) {
        const statement = file[place];
        if (!statement) break;
        const where = pieces?.[index]?.place;
        if (where === "apart" || where === "alone") before = [];
        judge(statement, isInBatches);
        if (where === "alone") before = [];
        place += 1;
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
      for (const judgement of rule.judge(step)) {
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
  const size = isKnown ? `; it has ${count}, ${formatBytes(bytes)}` : "";
  return {
    rule: `lint/${rule.name}`,
    severity: isKnown && isSmall({ rows, bytes }) ? "info" : severity,
    message: message + size,
    ...(hint === undefined ? {} : { hint }),
    ...((object ?? name) === undefined ? {} : { object: object ?? name }),
    at,
    source: source.text,
  };
}

const ruleNames: ReadonlySet<string> = new Set(lintRules.map(({ name }) => name));

function applyIgnores(
  { section, statements, findings, text, path, placeOf }: Source,
  found: readonly Found[],
): { findings: Finding[]; ignored: number } {
  if (!mentionsIgnore(section.text) && !mentionsIgnore(section.above)) {
    return {
      findings: [...findings, ...found.map(({ finding }) => finding)].sort(byPlace),
      ignored: 0,
    };
  }
  // Above the section and in it, with offsets of their own.
  const above = readIgnores(section.above, Infinity, [], ruleNames);
  const inside = readIgnores(section.text, 0, statements, ruleNames);
  const aboveAt = (start: number) => ({ file: path, ...positionToLocation(section.above, start) });
  const all = [
    ...above.ignores.map((ignore) => ({ ...ignore, at: aboveAt(ignore.start) })),
    ...inside.ignores.map((ignore) => ({ ...ignore, at: placeOf(ignore.start) })),
  ];
  const used = new Map<Ignore, Set<string>>(all.map((ignore) => [ignore, new Set()]));
  const kept = found.filter(({ finding, start }) => {
    const name = finding.rule.replace(/^lint\//, "");
    const matching = all.filter(
      ({ rules, statement }) =>
        rules.includes(name) && (statement === undefined || statement === start),
    );
    for (const ignore of matching) used.get(ignore)?.add(name);
    return matching.length === 0;
  });
  const unused = all.flatMap((ignore) =>
    ignore.rules
      .filter((rule) => !used.get(ignore)?.has(rule))
      .map((rule): Finding => ({
        rule: "lint/ignore-unused",
        severity: "warning",
        message: `\`${rule}\` finds nothing here to ignore`,
        hint: "delete the comment, or the rule's name in it",
        at: ignore.at,
        source: text,
      })),
  );
  const mistakes = [
    ...above.mistakes.map(({ start, ...rest }) => ({ ...rest, at: aboveAt(start) })),
    ...inside.mistakes.map(({ start, ...rest }) => ({ ...rest, at: placeOf(start) })),
  ].map((mistake): Finding => ({ ...mistake, source: text }));
  return {
    findings: [...findings, ...kept.map(({ finding }) => finding), ...mistakes, ...unused].sort(
      byPlace,
    ),
    ignored: found.length - kept.length,
  };
}

function byPlace(a: Finding, b: Finding): number {
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0);
}
