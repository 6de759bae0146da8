/** What is wrong with the statements of a section, as far as a file tells without a database. */
import type { Statement, Tree } from "../db/script.ts";
import { isClientCopy } from "../db/script.ts";
import type { NodeKind } from "../db/tree.ts";
import { as, findNodes, stringsOf } from "../db/tree.ts";
import type { Severity } from "../findings.ts";
import { findLostSetting, findLostTemporary, firstWords } from "./outlived.ts";
import type { Run } from "./segment.ts";

/** A mistake of one statement, without its place in a file. */
export interface StatementProblem {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string;
  readonly statement: Statement;
}

export interface Surroundings {
  readonly runs: readonly Run[];
  /** The run the statement is in. */
  readonly run: Run;
  readonly isRepeatableFile: boolean;
}

export type Verdict = Omit<StatementProblem, "rule" | "statement">;
type Rule = (statement: Statement, around: Surroundings) => Verdict | undefined;

/** Every rule of a statement, and what it is about: most statements meet none. */
const statementRules: readonly {
  readonly rule: string;
  readonly find: Rule;
  readonly kinds?: readonly NodeKind[];
  /** Only statements that run outside a transaction. */
  readonly isAboutAlone?: true;
}[] = [
  {
    rule: "migrations/transaction-control",
    find: findTransactionControl,
    kinds: ["TransactionStmt", "VariableSetStmt"],
  },
  { rule: "migrations/backfill", find: findBackfillMistake, isAboutAlone: true },
  { rule: "migrations/copy-data", find: findClientCopy, kinds: ["CopyStmt"] },
  { rule: "migrations/unnamed-concurrent-index", find: findUnnamedIndex, kinds: ["IndexStmt"] },
  { rule: "migrations/concurrent-if-not-exists", find: findIfNotExists, kinds: ["IndexStmt"] },
  {
    rule: "migrations/role-change",
    find: findRoleChange,
    kinds: ["DiscardStmt", "VariableSetStmt", "SelectStmt"],
  },
  {
    rule: "migrations/session-setting",
    find: findLeakingSetting,
    kinds: ["VariableSetStmt", "SelectStmt"],
  },
  {
    rule: "migrations/lost-setting",
    find: findLostSetting,
    kinds: ["VariableSetStmt", "LockStmt", "ConstraintsSetStmt", "DoStmt"],
  },
  {
    rule: "migrations/lost-temporary",
    find: findLostTemporary,
    kinds: ["CreateStmt", "CreateTableAsStmt", "SelectStmt", "DoStmt"],
  },
  { rule: "migrations/repeatable-alone", find: findAloneInRepeatable, isAboutAlone: true },
];

/** By the kind of the statement, for each kind of run. */
const known: Record<Run["kind"], Map<string, typeof statementRules>> = {
  block: new Map(),
  alone: new Map(),
};

function rulesAbout(kind: string, run: Run["kind"]): typeof statementRules {
  let rules = known[run].get(kind);
  if (rules === undefined) {
    rules = statementRules.filter(
      ({ kinds, isAboutAlone }) =>
        (kinds === undefined || (kinds as readonly string[]).includes(kind)) &&
        (run === "alone" || !isAboutAlone),
    );
    known[run].set(kind, rules);
  }
  return rules;
}

/** Judges every statement of a section; `runs` is what `segment` made of it. */
export function checkStatements(
  runs: readonly Run[],
  isRepeatableFile: boolean,
): StatementProblem[] {
  const problems: StatementProblem[] = [];
  for (const run of runs) {
    const around: Surroundings = { runs, run, isRepeatableFile };
    for (const statement of run.kind === "block" ? run.statements : [run.statement]) {
      for (const { rule, find } of rulesAbout(statement.kind, run.kind)) {
        const verdict = find(statement, around);
        if (verdict) problems.push({ rule, statement, ...verdict });
      }
    }
  }
  return problems;
}

const error = (message: string, hint: string): Verdict => ({ severity: "error", message, hint });
const warning = (message: string, hint: string): Verdict => ({
  severity: "warning",
  message,
  hint,
});

function findTransactionControl({ node, text }: Statement): Verdict | undefined {
  const set = as(node, "VariableSetStmt");
  const isSetTransaction = set?.kind === "VAR_SET_MULTI" && set.name?.startsWith("TRANSACTION");
  if (!as(node, "TransactionStmt") && !isSetTransaction) return undefined;
  return error(
    `\`${firstWords(text)}\` in a migration`,
    "remove it: a file is one transaction together with its ledger row; `-- migrate:up transaction:false` runs every statement by itself",
  );
}

function findBackfillMistake(_: Statement, { run, isRepeatableFile }: Surroundings) {
  const backfill = run.kind === "alone" ? run.backfill : undefined;
  if (!backfill) return undefined;
  const hint =
    "`-- backfill: batch=10000 pause=100ms max-lag=10s` stands before an UPDATE or DELETE of one table";
  if (backfill.mistake !== undefined) return error(backfill.mistake, hint);
  return isRepeatableFile
    ? error("a backfill in a repeatable migration", "put it into a versioned one")
    : undefined;
}

function findClientCopy({ node, text }: Statement): Verdict | undefined {
  const copy = as(node, "CopyStmt");
  if (!copy || !isClientCopy(copy)) return undefined;
  return copy.is_from === true
    ? error(
        "`COPY … FROM stdin` reads data that only psql sends",
        "write INSERT … VALUES, or load the data with a seed",
      )
    : error(`\`${firstWords(text)}\` sends rows to nobody`, "remove it");
}

function findUnnamedIndex({ node }: Statement): Verdict | undefined {
  const index = as(node, "IndexStmt");
  if (!index?.concurrent || index.idxname) return undefined;
  return error(
    "a concurrent index without a name",
    "name it: after an interruption the name is how the unfinished index is found again",
  );
}

function findIfNotExists({ node }: Statement): Verdict | undefined {
  const index = as(node, "IndexStmt");
  if (!index?.concurrent || !index.if_not_exists) return undefined;
  return error(
    `\`IF NOT EXISTS\` lets the invalid index of a failed build pass as \`${index.idxname}\``,
    "leave out IF NOT EXISTS: pgwright finds an invalid index of that name and builds it anew",
  );
}

function findRoleChange({ node, text }: Statement): Verdict | undefined {
  const discard = as(node, "DiscardStmt");
  const set = as(node, "VariableSetStmt");
  const isRole = set?.name === "role" || set?.name === "session_authorization";
  const isReset = set?.kind === "VAR_RESET_ALL" || discard?.target === "DISCARD_ALL";
  if (isRole && set?.is_local === true && set.kind === "VAR_SET_VALUE") {
    return warning(
      `\`${firstWords(text)}\` holds for the rest of the transaction`,
      "say who owns what is created: ALTER … OWNER TO",
    );
  }
  if (!isRole && !isReset && !callsSetConfig(node, (name) => name === "role")) return undefined;
  return error(
    `\`${firstWords(text)}\` undoes the role or the settings under which migrations run`,
    isReset
      ? "reset the one setting that is meant: RESET name"
      : "say `migrations.role` in pgwright.yaml, or ALTER … OWNER TO in the file",
  );
}

function findLeakingSetting(
  { node, text }: Statement,
  { runs }: Surroundings,
): Verdict | undefined {
  // Outside a transaction SET LOCAL has no effect, so a plain SET is right there.
  if (runs.some(({ kind }) => kind === "alone")) return undefined;
  const set = as(node, "VariableSetStmt");
  const isPlainSet =
    set !== undefined &&
    set.is_local !== true &&
    /^VAR_SET_(?:VALUE|DEFAULT|CURRENT|MULTI)$/.test(set.kind ?? "") &&
    !/^(?:role|session_authorization|TRANSACTION.*)$/.test(set.name ?? "");
  const leaks = isPlainSet || callsSetConfig(node, (name) => name !== "role");
  if (!leaks) return undefined;
  return warning(
    `\`${firstWords(text)}\` would outlast the transaction`,
    "SET LOCAL holds until the end of the file; pgwright resets all settings between files anyway",
  );
}

function findAloneInRepeatable(
  { text }: Statement,
  { run, isRepeatableFile }: Surroundings,
): Verdict | undefined {
  if (!isRepeatableFile || run.kind !== "alone") return undefined;
  return error(
    `\`${firstWords(text)}\` in a repeatable migration: ${run.reason}`,
    "write a versioned migration for it",
  );
}

/** True for set_config(name, value, false), the function form of SET. */
function callsSetConfig(node: Tree.Node, isMeant: (name: string | undefined) => boolean): boolean {
  return findNodes(as(node, "SelectStmt"), "FuncCall").some(({ funcname, args }) => {
    const [name, , isLocal] = args ?? [];
    const flag = as(isLocal, "A_Const")?.boolval;
    return (
      stringsOf(funcname).at(-1) === "set_config" &&
      flag !== undefined &&
      flag.boolval !== true &&
      isMeant(as(name, "A_Const")?.sval?.sval?.toLowerCase())
    );
  });
}
