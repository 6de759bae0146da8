/** `globally_unique:` of partitions.yaml against a database. */
import { ident, qualified } from "../../../db/identifier.ts";
import type { Session } from "../../../db/session.ts";
import type { Location } from "../../../errors.ts";
import type { Finding } from "../../../findings.ts";
import type { PolicyStep } from "../../step.ts";
import type { Guard, GuardedColumn, UniqueKey } from "./guard.ts";
import { commentsOf, describeKey, guardName, planGuard } from "./guard.ts";
import describeTable from "./guarded-table.sql";

export interface UniqueDeclaration {
  readonly schema: string;
  readonly table: string;
  readonly keys: readonly UniqueKey[];
  /** Where `globally_unique` stands. */
  readonly at?: Location | undefined;
}

interface FoundGuard {
  readonly trigger: string;
  readonly isEnabled: boolean;
  readonly triggerSql: string;
  readonly schema: string;
  readonly function: string;
  readonly body: string;
  readonly isDefiner: boolean;
  readonly settings: readonly string[] | null;
  /** PUBLIC may call it. */
  readonly isExecutable: boolean;
}

interface GuardTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Primary key, unique and foreign key: 3. */
  readonly keys: number;
  readonly grantees: readonly string[];
}

interface TableFacts {
  readonly kind: string;
  readonly owner: string;
  readonly sql: string;
  readonly columns: readonly GuardedColumn[];
  readonly primaryKey: readonly string[] | null;
  readonly guards: readonly FoundGuard[];
  readonly defaultGrantees: readonly string[];
  readonly guardTables: readonly GuardTable[];
  readonly takenNames: readonly string[];
}

export interface UniquePlan {
  readonly steps: readonly PolicyStep[];
  readonly findings: readonly Finding[];
}

/**
 * Plans the guards of one table: those that are missing or differ, and, as extras, those that are
 * declared no more. A table that is not there is no matter of this plan. Reads the catalog only, and
 * every row where a guard is missing, to count values that occur more than once.
 */
export async function planGloballyUnique(
  session: Session,
  declaration: UniqueDeclaration,
): Promise<UniquePlan> {
  const { schema, table, keys, at } = declaration;
  const [facts] = await session.query<TableFacts>(describeTable, [schema, table]);
  if (!facts) return { steps: [], findings: [] };
  const steps: PolicyStep[] = [];
  const findings: Finding[] = [];
  for (const key of keys) {
    const problem = findProblem(facts, key);
    if (problem !== undefined) {
      const object = `${facts.sql} ${describeKey(key)}`;
      findings.push({
        rule: "partitions/globally-unique",
        severity: "error",
        message: `${describeKey(key)} of ${facts.sql} cannot be kept unique: ${problem}`,
        at,
        object,
      });
      continue;
    }
    const planned = await planKey(session, facts, { ...declaration, key });
    steps.push(...planned.steps);
    findings.push(...planned.findings);
  }
  const wanted = new Set(keys.map((key) => guardName(table, key)));
  return { steps: [...steps, ...dropExtras(facts, declaration, wanted)], findings };
}

function findProblem(facts: TableFacts, key: UniqueKey): string | undefined {
  const names = new Set(facts.columns.map(({ name }) => name));
  const missing = key.columns.filter((column) => !names.has(column));
  if (missing.length > 0) return `it has no column ${missing.map(ident).join(", ")}`;
  if (facts.primaryKey === null) return "it has no primary key that a guard could refer to";
  const isText = (name: string) => facts.columns.find((one) => one.name === name)?.isText === true;
  if (key.key === "lower" && !key.columns.some(isText)) {
    return "`key: lower` needs a column of text";
  }
  return undefined;
}

async function planKey(
  session: Session,
  facts: TableFacts,
  declaration: UniqueDeclaration & { readonly key: UniqueKey },
): Promise<UniquePlan> {
  const { schema, table, key, at } = declaration;
  const guard = planGuard({
    schema,
    table,
    key,
    columns: facts.columns,
    primaryKey: facts.primaryKey ?? [],
    takenNames: new Set(facts.takenNames),
  });
  const object = `${facts.sql} ${describeKey(key)}`;
  const step = stepOf(facts.owner, object, at);
  const guardTable = facts.guardTables.find(({ name }) => name === guard.name);
  const found = facts.guards.find((one) => one.schema === schema && one.function === guard.name);
  if (!guardTable && facts.takenNames.includes(guard.name)) {
    const message = `${guard.id} exists and is no guard of pgwright's`;
    const hint = "rename it: the guard of this key must have that name";
    return {
      steps: [],
      findings: [
        { rule: "partitions/guard-name-taken", severity: "error", message, hint, at, object },
      ],
    };
  }
  // A function of before left out the rows with a NULL inside the value: the table lacks them.
  const lacksRows =
    found !== undefined &&
    !hasSameBody(guard, found) &&
    facts.columns.some(({ name, isComposite }) => isComposite && key.columns.includes(name));
  const isTableRight =
    guardTable !== undefined &&
    !lacksRows &&
    guardTable.columns.join("\0") === guard.columns.join("\0") &&
    guardTable.keys === 3;
  if (isTableRight && found?.isEnabled === true) {
    return {
      steps: [...mendFunction(guard, found, step), ...mendGrants(guard, guardTable, step)],
      findings: [],
    };
  }
  const { values, rows } = await session.one<{ values: number; rows: number }>(
    guard.countDuplicates,
  );
  if (values > 0) {
    return { steps: [], findings: [duplicatesFound(guard, { values, rows }, object, at)] };
  }
  const rebuilt = guardTable ? "the guard is not whole, so it is made anew" : "there is no guard";
  return {
    steps: [
      ...(guardTable || found ? dropSteps(facts, schema, found, guardTable, step, rebuilt) : []),
      ...makeSteps(guard, facts, step, rebuilt),
    ],
    findings: [],
  };
}

type MakeStep = (sql: string, why: string, more?: Partial<PolicyStep>) => PolicyStep;

function stepOf(owner: string, object: string, at: Location | undefined): MakeStep {
  return (sql, why, more = {}) => ({
    part: "partitions",
    object,
    sql,
    why,
    role: owner,
    unit: `globally_unique ${object}`,
    at,
    ...more,
  });
}

/**
 * All in one transaction. The foreign key takes SHARE ROW EXCLUSIVE on the table first: writers wait
 * until the end, so that no row slips in between the trigger and the copy of those that are there.
 */
function makeSteps(guard: Guard, facts: TableFacts, step: MakeStep, why: string): PolicyStep[] {
  return [
    step(guard.createTable, why),
    ...(facts.defaultGrantees.length > 0
      ? [
          step(
            `revoke all on table ${guard.id} from ${facts.defaultGrantees.join(", ")}`,
            "default privileges let them in; it is written by its trigger only",
          ),
        ]
      : []),
    step(guard.createFunction, why),
    step(`revoke execute on function ${guard.id}() from public`, "it runs as its owner"),
    ...commentsOf(guard).map((sql) => step(sql, "marks it as the guard of this key")),
    step(guard.createTrigger, why),
    step(guard.backfill, "the rows that are there; writers wait meanwhile"),
  ];
}

function hasSameBody(guard: Guard, found: FoundGuard): boolean {
  return found.body.trimEnd() === guard.body.trimEnd();
}

function mendFunction(guard: Guard, found: FoundGuard, step: MakeStep): PolicyStep[] {
  const settings = ["search_path=pg_catalog, pg_temp", "plan_cache_mode=force_generic_plan"];
  const isRight =
    hasSameBody(guard, found) &&
    found.isDefiner &&
    settings.every((setting) => found.settings?.includes(setting) === true);
  return [
    ...(isRight ? [] : [step(guard.createFunction, "its function is another one")]),
    ...(found.isExecutable
      ? [step(`revoke execute on function ${guard.id}() from public`, "it runs as its owner")]
      : []),
  ];
}

function mendGrants(guard: Guard, found: GuardTable, step: MakeStep): PolicyStep[] {
  if (found.grantees.length === 0) return [];
  const sql = `revoke all on table ${guard.id} from ${found.grantees.join(", ")}`;
  return [
    // A unit of its own: what runs only with --prune must not hold up the rest.
    step(sql, "it is written by its trigger only", {
      extra: "security",
      unit: `grants on ${guard.id}`,
    }),
  ];
}

function dropSteps(
  facts: TableFacts,
  guardSchema: string,
  found: FoundGuard | undefined,
  guardTable: GuardTable | undefined,
  step: MakeStep,
  why: string,
  more: Partial<PolicyStep> = {},
): PolicyStep[] {
  return [
    ...(found
      ? [
          step(`drop trigger ${ident(found.trigger)} on ${facts.sql}`, why, more),
          step(`drop function ${qualified(found.schema, found.function)}()`, why, more),
        ]
      : []),
    ...(guardTable
      ? [step(`drop table ${qualified(guardSchema, guardTable.name)}`, why, more)]
      : []),
  ];
}

/** Guards that are declared no more. What they hold is a copy of the table's own values. */
function dropExtras(
  facts: TableFacts,
  { schema, at }: UniqueDeclaration,
  wanted: ReadonlySet<string>,
): PolicyStep[] {
  return facts.guards
    .filter((found) => !wanted.has(found.function))
    .flatMap((found) => {
      const object = `${facts.sql}, guard ${ident(found.function)}`;
      const table = facts.guardTables.find(({ name }) => name === found.function);
      const why = "this key is not declared as globally unique";
      return dropSteps(facts, schema, found, table, stepOf(facts.owner, object, at), why, {
        extra: "other",
      });
    });
}

function duplicatesFound(
  guard: Guard,
  { values, rows }: { readonly values: number; readonly rows: number },
  object: string,
  at: Location | undefined,
): Finding {
  const count = (number: number) => number.toLocaleString("en-US");
  return {
    rule: "partitions/duplicate-values",
    severity: "error",
    message: `${describeKey(guard.key)} of ${guard.table} is not unique: ${count(values)} ${values === 1 ? "value occurs" : "values occur"} in ${count(rows)} rows`,
    hint: `${guard.listDuplicates} lists them`,
    at,
    object,
  };
}
