/** EXPLAIN's JSON as a tree of our own. */

/** One node of a plan. Costs are the planner's units, times milliseconds, sizes of rows in bytes. */
export interface PlanNode {
  /** "Seq Scan", "Nested Loop". */
  readonly type: string;
  /** "Inner", "Left", "Anti"; null for what joins nothing. */
  readonly join: string | null;
  /** `schema.name`; null where none is read. */
  readonly table: { readonly schema: string; readonly name: string } | null;
  readonly alias: string | null;
  readonly index: string | null;
  readonly operation: string | null;
  /** "InitPlan 1", "SubPlan 2", "CTE x". */
  readonly subplan: string | null;
  readonly cost: number;
  readonly rows: number;
  readonly width: number;
  /** Conditions by their title in EXPLAIN: "Filter", "Index Cond", "Hash Cond", … */
  readonly conditions: Readonly<Record<string, string>>;
  readonly sortKey: readonly string[];
  readonly children: readonly PlanNode[];
  /** With ANALYZE. */
  readonly actual: Actual | null;
}

export interface Actual {
  readonly ms: number;
  /** Of one loop. */
  readonly rows: number;
  readonly loops: number;
  readonly removed: number;
  readonly sharedHit: number;
  readonly sharedRead: number;
  readonly tempWritten: number;
  /** kB on disk, of a sort. */
  readonly sortDiskKb: number;
}

const conditionTitles = [
  "Filter",
  "Index Cond",
  "Recheck Cond",
  "Join Filter",
  "Hash Cond",
  "Merge Cond",
  "One-Time Filter",
] as const;

type Json = Readonly<Record<string, unknown>>;

/** The tree of one element of `EXPLAIN (FORMAT JSON, VERBOSE)`. */
export function toPlan(json: Json): PlanNode {
  const text = (key: string) => (typeof json[key] === "string" ? json[key] : null);
  const number = (key: string) => (typeof json[key] === "number" ? json[key] : 0);
  const name = text("Relation Name");
  const conditions = conditionTitles.flatMap((title) => {
    const condition = text(title);
    return condition === null ? [] : [[title, condition] as const];
  });
  const loops = number("Actual Loops");
  return {
    type: text("Node Type") ?? "",
    join: text("Join Type"),
    table: name === null ? null : { schema: text("Schema") ?? "", name },
    alias: text("Alias"),
    index: text("Index Name"),
    operation: text("Operation"),
    subplan: text("Subplan Name"),
    cost: number("Total Cost"),
    rows: number("Plan Rows"),
    width: number("Plan Width"),
    conditions: Object.fromEntries(conditions),
    sortKey: Array.isArray(json["Sort Key"]) ? json["Sort Key"].map(String) : [],
    children: Array.isArray(json["Plans"]) ? json["Plans"].map((one) => toPlan(one as Json)) : [],
    actual: !("Actual Loops" in json)
      ? null
      : {
          ms: number("Actual Total Time"),
          rows: number("Actual Rows"),
          loops,
          removed: number("Rows Removed by Filter") + number("Rows Removed by Join Filter"),
          sharedHit: number("Shared Hit Blocks"),
          sharedRead: number("Shared Read Blocks"),
          tempWritten: number("Temp Written Blocks"),
          sortDiskKb: text("Sort Space Type") === "Disk" ? number("Sort Space Used") : 0,
        },
  };
}

/** A node and all below it, the outer ones first. */
export function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...plan.children.flatMap(nodesOf)];
}

/** The plan as indented lines, as EXPLAIN's text has it. */
export function planLines(plan: PlanNode, depth = 0): string[] {
  const indent = "  ".repeat(depth);
  const head = depth === 0 ? "" : "→ ";
  const what = [
    plan.operation ?? plan.type,
    ...(plan.join === null || plan.join === "Inner" ? [] : [plan.join]),
    ...(plan.index === null ? [] : [`using ${plan.index}`]),
    ...(plan.table === null ? [] : [`on ${plan.table.schema}.${plan.table.name}`]),
    ...(plan.alias === null || plan.alias === plan.table?.name ? [] : [plan.alias]),
  ].join(" ");
  const title = plan.subplan === null ? "" : `${plan.subplan}: `;
  const measured =
    plan.actual === null
      ? ""
      : plan.actual.loops === 0
        ? ", never run"
        : `, really ${plan.actual.rows}${plan.actual.loops > 1 ? ` × ${plan.actual.loops}` : ""} in ${(plan.actual.ms * plan.actual.loops).toFixed(1)} ms`;
  return [
    `${indent}${head}${title}${what}  (cost ${Math.round(plan.cost)}, rows ${plan.rows}${measured})`,
    ...Object.entries(plan.conditions).map(([name, text]) => `${indent}    ${name}: ${text}`),
    ...(plan.sortKey.length === 0 ? [] : [`${indent}    Sort Key: ${plan.sortKey.join(", ")}`]),
    ...plan.children.flatMap((child) => planLines(child, depth + 1)),
  ];
}
