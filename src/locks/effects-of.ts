/** What a statement does to tables that are there: which facts of the table, and to which table. */
import type { Statement, Tree } from "../db/script.ts";
import { isClientCopy } from "../db/script.ts";
import type { NodeKind, NodeOf } from "../db/tree.ts";
import { allOf, as, findNodes, isOptionOn, relationName, stringsOf } from "../db/tree.ts";
import { effectsOfAlter, effectsOnDefault } from "./effect-alter.ts";
import type { Effect } from "./effect.ts";
import { effect, tableOfUntold } from "./effect.ts";
import type { FactName } from "./facts.ts";
import { lockModes } from "./mode.ts";
import type { Model } from "./model.ts";
import { keyOf } from "./model.ts";

type Teller<K extends NodeKind> = (node: NodeOf<K>, model: Model) => Effect[];
type Tellers = { readonly [K in NodeKind]?: Teller<K> };

const onRelation =
  (name: FactName) =>
  ({ relation }: { relation?: Tree.RangeVar }) => [effect(name, relationName(relation))];
const onTable =
  (name: FactName) =>
  ({ table }: { table?: Tree.RangeVar }) => [effect(name, relationName(table))];

const tellers: Tellers = {
  AlterTableStmt: effectsOfAlter,
  AlterDomainStmt: effectsOfDomain,
  IndexStmt: effectsOfIndex,
  CreateStmt: ({ relation, tableElts, constraints, inhRelations, partbound }, model) => {
    const table = relationName(relation);
    const parents = partbound ? allOf(inhRelations, "RangeVar").map(relationName) : [];
    const beside = partbound?.is_default ? [] : parents;
    const references = [
      ...allOf(tableElts, "ColumnDef").flatMap((column) => allOf(column.constraints, "Constraint")),
      ...allOf(tableElts, "Constraint"),
      ...allOf(constraints, "Constraint"),
    ].flatMap(({ pktable }) => (pktable ? relationName(pktable) : []));
    return [
      effect("create-table", table),
      ...parents.map((parent) => effect("create-partition", table, parent)),
      ...beside.flatMap((parent) => effectsOnDefault(parent, model, "create", table)),
      ...[...new Set(references)]
        .filter((name) => keyOf(name) !== keyOf(table))
        .map((name) => effect("create-table-reference", table, name)),
    ];
  },
  CreateTableAsStmt: (create) => readsOf(create),
  ViewStmt: ({ view, replace }, model) => {
    const name = relationName(view);
    return replace && (model.table(name) || !model.isWhole) ? [effect("replace-view", name)] : [];
  },
  CreateTrigStmt: onRelation("create-trigger"),
  RuleStmt: onRelation("create-rule"),
  CreatePolicyStmt: onTable("create-policy"),
  AlterPolicyStmt: onTable("create-policy"),
  CreateStatsStmt: ({ relations }) =>
    allOf(relations, "RangeVar").map((one) => effect("create-statistics", relationName(one))),
  DropStmt: effectsOfDrop,
  RenameStmt: effectsOfRename,
  AlterObjectSchemaStmt: ({ objectType, relation }) =>
    objectType === "OBJECT_TABLE" ? [effect("set-schema", relationName(relation))] : [],
  CommentStmt: ({ objtype, object }) => {
    const parts = stringsOf(as(object, "List")?.items);
    if (objtype === "OBJECT_TABLE") return [effect("comment-on", parts.join("."))];
    return objtype === "OBJECT_COLUMN" ? [effect("comment-on", parts.slice(0, -1).join("."))] : [];
  },
  TruncateStmt: ({ relations }) =>
    allOf(relations, "RangeVar").map((one) => effect("truncate", relationName(one))),
  LockStmt: ({ relations, mode }) =>
    allOf(relations, "RangeVar").map((one) =>
      effect("lock-table", relationName(one), undefined, {
        lock: lockModes[(mode ?? 8) - 1] ?? "ACCESS EXCLUSIVE",
      }),
    ),
  RefreshMatViewStmt: ({ relation, concurrent, skipData }) => [
    {
      ...effect(concurrent ? "refresh-view-concurrently" : "refresh-view", relationName(relation)),
      ...(skipData ? { work: "none" as const } : {}),
    },
  ],
  ReindexStmt: ({ kind, relation, params }, model) => {
    if (!relation) return [];
    const fact = isOptionOn(params, "concurrently", false) ? "reindex-concurrently" : "reindex";
    const name = relationName(relation);
    const table = kind === "REINDEX_OBJECT_INDEX" ? model.index(name)?.table : name;
    return [effect(fact, table ?? name)];
  },
  ClusterStmt: ({ relation }) => (relation ? [effect("cluster", relationName(relation))] : []),
  VacuumStmt: ({ rels, options, is_vacuumcmd }) => {
    const isFull = isOptionOn(options, "full", false);
    const fact = !is_vacuumcmd ? "analyze" : isFull ? "vacuum-full" : "vacuum";
    return allOf(rels, "VacuumRelation").map(({ relation }) =>
      effect(fact, relationName(relation)),
    );
  },
  InsertStmt: onRelation("write"),
  UpdateStmt: onRelation("write"),
  DeleteStmt: onRelation("write"),
  MergeStmt: onRelation("write"),
  CopyStmt: (copy) =>
    copy.relation && !isClientCopy(copy)
      ? [effect(copy.is_from ? "write" : "read", relationName(copy.relation))]
      : [],
  SelectStmt: (select) => readsOf(select),
};

/** What the statement locks. Nothing for what touches no table, or only one that nobody can tell. */
export function effectsOf(
  { kind, node }: Pick<Statement, "kind" | "node">,
  model: Model,
): Effect[] {
  const tell = tellers[kind as NodeKind] as Teller<NodeKind> | undefined;
  return tell ? tell(as(node, kind as NodeKind) as never, model) : [];
}

/** On ONLY a partitioned table it is a frame, to which the indexes of the partitions are attached. */
function effectsOfIndex({ relation, concurrent }: Tree.IndexStmt, model: Model): Effect[] {
  const name = relationName(relation);
  if (concurrent) return [effect("create-index-concurrently", name)];
  if (relation?.inh) return [effect("create-index", name)];
  const table = model.table(name);
  if (table?.kind === "partitioned") return [effect("create-index-only", name)];
  const unsure = table ? undefined : `whether ${name} is partitioned`;
  return [effect("create-index", name, undefined, { unsure })];
}

function effectsOfDomain({ subtype, typeName, def }: Tree.AlterDomainStmt, model: Model): Effect[] {
  const isAdded = subtype === "O" || (subtype === "C" && !as(def, "Constraint")?.skip_validation);
  if (!isAdded && subtype !== "V") return [];
  const fact = isAdded ? "alter-domain" : "validate-domain";
  return model.tablesOfDomain(stringsOf(typeName).join(".")).map(({ name }) => effect(fact, name));
}

function readsOf(query: unknown): Effect[] {
  const ctes = new Set(findNodes(query, "CommonTableExpr").map(({ ctename }) => ctename));
  const names = findNodes(query, "RangeVar").map(relationName);
  return [...new Set(names)].filter((name) => !ctes.has(name)).map((name) => effect("read", name));
}

function effectsOfDrop(drop: Tree.DropStmt, model: Model): Effect[] {
  const names = (drop.objects ?? []).map((object) => stringsOf(as(object, "List")?.items));
  const joined = names.map((parts) => parts.join("."));
  // Triggers, rules and policies are named behind their table.
  const owners = names.map((parts) => parts.slice(0, -1).join("."));
  switch (drop.removeType) {
    case "OBJECT_TABLE":
      return joined.flatMap((name) => [
        effect("drop-table", name),
        ...[...(model.table(name)?.constraints.values() ?? [])]
          .flatMap(({ references }) => (references === undefined ? [] : references))
          .map((other) => effect("drop-foreign-key", name, other)),
      ]);
    case "OBJECT_VIEW":
    case "OBJECT_MATVIEW":
      return joined.map((name) => effect("drop-view", name));
    case "OBJECT_INDEX":
      return joined.map((name) =>
        effect(
          drop.concurrent ? "drop-index-concurrently" : "drop-index",
          model.index(name)?.table ?? tableOfUntold(name),
        ),
      );
    case "OBJECT_TRIGGER":
      return owners.map((name) => effect("drop-trigger", name));
    case "OBJECT_RULE":
      return owners.map((name) => effect("drop-rule", name));
    case "OBJECT_POLICY":
      return owners.map((name) => effect("create-policy", name));
    default:
      return [];
  }
}

function effectsOfRename({ renameType, relation }: Tree.RenameStmt): Effect[] {
  const name = relationName(relation);
  switch (renameType) {
    case "OBJECT_TABLE":
    case "OBJECT_COLUMN":
    case "OBJECT_TABCONSTRAINT":
    case "OBJECT_TRIGGER":
    case "OBJECT_RULE":
    case "OBJECT_POLICY":
      return relation ? [effect("rename", name)] : [];
    case "OBJECT_INDEX":
      return [effect("alter-index", name)];
    default:
      return [];
  }
}
