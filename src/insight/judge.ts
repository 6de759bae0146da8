/** Plans queries and says what is wrong with them. */
import type { Session } from "../db/session.ts";
import { callsPerRow, parseExpression } from "../policies/rls/lint/expression.ts";
import { nodesOf, planLines, type PlanNode } from "./plan-tree.ts";
import { planAll, type Planned } from "./planner.ts";
import type { Query } from "./report.ts";
import type { Problem } from "./rule.ts";
import { rules } from "./rules/index.ts";
import { readTables, tableOf, type Tables, wholeName } from "./tables.ts";
import { statementOf } from "./text.ts";
import { look } from "./look.ts";

/** A table a query reads, the whole one where it is partitioned. */
export interface ReadTable {
  readonly name: string;
  /** Estimated. */
  readonly rows: number;
  readonly bytes: number;
  readonly partitions: number;
  /** Partitions that the plan names; parameters may leave out more of them when it runs. */
  readonly partitionsRead: number;
  readonly analyzedAt: string | null;
  readonly policies: readonly string[];
}

export interface JudgedQuery extends Query {
  /** The generic plan as lines; null with the reason beside it. */
  readonly plan: readonly string[] | null;
  readonly noPlan: string | null;
  readonly tables: readonly ReadTable[];
  readonly problems: readonly Problem[];
}

/** Queries of the connected database get a plan, the others a reason why not. */
export async function judgeAll(
  session: Session,
  queries: readonly Query[],
  texts: readonly string[],
): Promise<JudgedQuery[]> {
  const { database } = session.server;
  const own = queries.map((query, i) => ({
    text: query.database === database ? (texts[i] ?? "") : "",
    role: query.role,
  }));
  const planned = await planAll(session, own);
  const { tables, volatility } = await readContext(
    session,
    planned.map(({ plan }) => plan),
  );
  return queries.map((query, i) => {
    const result = planned[i];
    const isOther = query.database !== database;
    return judge(
      query,
      isOther || result === undefined
        ? { plan: null, reason: "it belongs to another database" }
        : result,
      tables,
      volatility,
    );
  });
}

/** What the rules need to know of the tables in these plans. */
export async function readContext(
  session: Session,
  plans: readonly (PlanNode | null)[],
): Promise<{ tables: Tables; volatility: ReadonlyMap<string, string> }> {
  return await look(session, async () => {
    const tables = await readTables(session, plans);
    return { tables, volatility: await readVolatility(session, tables) };
  });
}

function judge(
  query: Query,
  planned: Planned,
  tables: Tables,
  volatility: ReadonlyMap<string, string>,
): JudgedQuery {
  const { plan } = planned;
  if (plan === null) {
    return { ...query, plan: null, noPlan: planned.reason, tables: [], problems: [] };
  }
  const statement = statementOf(query.text) ?? { kind: "SelectStmt", node: {} as never };
  const context = { query, statement, plan, tables, volatility };
  return {
    ...query,
    plan: planLines(plan),
    noPlan: null,
    tables: readTablesOf(planned, tables),
    problems: rules.flatMap((rule) => rule(context)),
  };
}

function readTablesOf({ plan }: Planned, tables: Tables): ReadTable[] {
  const read = new Map<string, ReadTable & { readonly leaves: Set<string> }>();
  for (const node of plan === null ? [] : nodesOf(plan)) {
    const table = tableOf(node, tables);
    if (table === undefined) continue;
    const name = wholeName(table);
    const before = read.get(name);
    const leaves = (before?.leaves ?? new Set()).add(table.name);
    read.set(name, {
      name,
      rows: table.rows,
      bytes: table.bytes,
      partitions: table.partitionKey === null ? 0 : table.leaves,
      partitionsRead: table.partitionKey === null ? 0 : leaves.size,
      analyzedAt: table.analyzedAt,
      policies: table.hasRowSecurity ? table.policies.map((one) => one.name) : [],
      leaves,
    });
  }
  return [...read.values()].map(({ leaves: _leaves, ...table }) => table);
}

/** Whether the functions in policies may change their mind, by name. */
async function readVolatility(
  session: Session,
  tables: Tables,
): Promise<ReadonlyMap<string, string>> {
  const names = new Set<string>();
  for (const { policies, rootName } of tables.values()) {
    for (const { using } of policies) {
      for (const { name } of callsPerRow(parseExpression(using).node, rootName)) names.add(name);
    }
  }
  if (names.size === 0) return new Map();
  const rows = await session.query<{ name: string; volatility: string }>(
    `select proname as name, max(provolatile::text) as volatility from pg_proc
     where proname in (select json_array_elements_text($1::text::json)) group by 1`,
    [JSON.stringify([...names])],
  );
  return new Map(rows.map(({ name, volatility }) => [name, volatility]));
}
