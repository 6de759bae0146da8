/** ALTER TABLE, command by command. */
import type { Tree } from "../db/script.ts";
import { allOf, as, findNodes, relationName } from "../db/tree.ts";
import { constraintOf, isNull, isSerial, typeOf } from "./column.ts";
import type { Effect } from "./effect.ts";
import { effect } from "./effect.ts";
import type { FactName } from "./facts.ts";
import { schemaOf } from "./learn-column.ts";
import { rebuiltIndexes } from "./index-parts.ts";
import type { Model } from "./model.ts";
import { isStoredAlike } from "./stored-alike.ts";
import { steadinessOf } from "./volatility.ts";

type Command = Tree.AlterTableCmd;

/** Commands whose effect depends on nothing but themselves. */
const plain: Partial<Record<NonNullable<Command["subtype"]>, FactName>> = {
  AT_DropColumn: "drop-column",
  AT_ColumnDefault: "set-default",
  AT_DropNotNull: "drop-not-null",
  AT_SetStatistics: "set-statistics",
  AT_SetOptions: "set-statistics",
  AT_ResetOptions: "set-statistics",
  AT_SetStorage: "set-storage",
  AT_SetCompression: "set-compression",
  AT_AddIdentity: "add-identity",
  AT_SetIdentity: "add-identity",
  AT_DropIdentity: "drop-identity",
  AT_DropExpression: "drop-expression",
  AT_SetExpression: "set-expression",
  AT_AlterConstraint: "alter-constraint",
  AT_ChangeOwner: "owner",
  AT_SetTableSpace: "set-tablespace",
  AT_SetLogged: "set-logged",
  AT_SetUnLogged: "set-logged",
  AT_SetAccessMethod: "set-access-method",
  AT_SetRelOptions: "set-options",
  AT_ResetRelOptions: "set-options",
  AT_ClusterOn: "cluster-on",
  AT_DropCluster: "cluster-on",
  AT_EnableTrig: "enable-trigger",
  AT_EnableAlwaysTrig: "enable-trigger",
  AT_EnableReplicaTrig: "enable-trigger",
  AT_DisableTrig: "enable-trigger",
  AT_EnableTrigAll: "enable-trigger",
  AT_DisableTrigAll: "enable-trigger",
  AT_EnableTrigUser: "enable-trigger",
  AT_DisableTrigUser: "enable-trigger",
  AT_EnableRule: "enable-rule",
  AT_EnableAlwaysRule: "enable-rule",
  AT_EnableReplicaRule: "enable-rule",
  AT_DisableRule: "enable-rule",
  AT_EnableRowSecurity: "row-security",
  AT_DisableRowSecurity: "row-security",
  AT_ForceRowSecurity: "row-security",
  AT_NoForceRowSecurity: "row-security",
  AT_ReplicaIdentity: "replica-identity",
};

export function effectsOfAlter(alter: Tree.AlterTableStmt, model: Model): Effect[] {
  const table = relationName(alter.relation);
  if (alter.objtype === "OBJECT_INDEX") return effectsOnIndex(table, alter, model);
  if (alter.objtype === "OBJECT_SEQUENCE" || alter.objtype === "OBJECT_TYPE") return [];
  return allOf(alter.cmds, "AlterTableCmd").flatMap((command, place) =>
    effectsOfCommand(table, command, model, alter.relation?.inh !== true).map((found): Effect => ({
      ...found,
      command: place,
    })),
  );
}

function effectsOnIndex(name: string, { cmds }: Tree.AlterTableStmt, model: Model): Effect[] {
  const moves = allOf(cmds, "AlterTableCmd").some(({ subtype }) => subtype === "AT_SetTableSpace");
  if (!moves) return [effect("alter-index", name)];
  // Nobody waits for the index of a table that is not there yet.
  const table = model.index(name)?.table;
  return table !== undefined && model.table(table)?.isNew ? [] : [effect("move-index", name)];
}

function effectsOfCommand(
  table: string,
  command: Command,
  model: Model,
  isOnly: boolean,
): Effect[] {
  const { subtype, name, def } = command;
  const known = subtype === undefined ? undefined : plain[subtype];
  if (known) return [effect(known, table, undefined, { column: name })];
  const other = relationName(as(def, "PartitionCmd")?.name ?? as(def, "RangeVar"));
  switch (subtype) {
    case "AT_AddColumn":
      return effectsOfNewColumn(table, as(def, "ColumnDef"), model);
    case "AT_AlterColumnType":
      return [effectOfType(table, command, model)];
    case "AT_SetNotNull":
      return [effectOfNotNull(table, name ?? "", model)];
    case "AT_AddConstraint": {
      const constraint = as(def, "Constraint");
      if (!constraint) return [];
      return isOnly && isFrame(constraint) && model.table(table)?.kind === "partitioned"
        ? [effect("add-key-only", table)]
        : [effectOfConstraint(table, constraint, model)];
    }
    case "AT_ValidateConstraint":
      return [effectOfValidation(table, name ?? "", model)];
    case "AT_DropConstraint": {
      const references = model.table(table)?.constraints.get(name ?? "")?.references;
      return [
        references === undefined
          ? effect("drop-constraint", table)
          : effect("drop-foreign-key", table, references),
      ];
    }
    case "AT_AttachPartition":
      return effectsOfAttach(table, as(def, "PartitionCmd"), model);
    case "AT_DetachPartition": {
      const isConcurrent = as(def, "PartitionCmd")?.concurrent === true;
      return [
        effect(isConcurrent ? "detach-partition-concurrently" : "detach-partition", table, other),
      ];
    }
    case "AT_AddInherit":
      return [effect("inherit", table, other)];
    case "AT_DropInherit":
      return [effect("no-inherit", table, other)];
    default:
      // ALTER TABLE takes ACCESS EXCLUSIVE unless a weaker lock is known to do (AlterTableGetLockLevel).
      return [effect("owner", table)];
  }
}

/** The bounds of a CHECK are not compared with those of the partition: whoever adds one means them. */
function effectsOfAttach(
  table: string,
  command: Tree.PartitionCmd | undefined,
  model: Model,
): Effect[] {
  const partition = relationName(command?.name);
  const parent = model.table(table);
  const referenced = new Set(
    [...(parent?.constraints.values() ?? [])].flatMap(({ references }) => references ?? []),
  );
  // A table that the same plan or release makes is taken to be attached before it has rows.
  const coming = model.table(partition);
  const isBare = coming?.isNew === true || coming?.isEmpty === true;
  const effects = [
    effect(
      isProven(partition, parent?.partitionKey, model)
        ? "attach-partition-proven"
        : "attach-partition",
      table,
      partition,
    ),
    // The partition gets the foreign keys of its parent, and its rows are checked against them.
    ...[...referenced].map((name) =>
      effect(isBare ? "attach-empty-reference" : "attach-partition-reference", table, name),
    ),
  ];
  if (command?.bound?.is_default) return effects;
  return [...effects, ...effectsOnDefault(table, model, "attach", table)];
}

/** Rows that the default partition has must not be those of the one that comes; `about` is the table of the effect. */
export function effectsOnDefault(
  parent: string,
  model: Model,
  how: "attach" | "create",
  about: string,
): Effect[] {
  const { defaultPartition: other, partitionKey } = model.table(parent) ?? {};
  // One that was dropped is no default partition any more.
  if (other === undefined || !model.tables.has(other)) return [];
  const fact = `${how}-beside-default` as const;
  return [effect(isProven(other, partitionKey, model) ? `${fact}-proven` : fact, about, other)];
}

/** A valid CHECK that is about a column of the key, of which the bounds are. */
function isProven(name: string, key: readonly string[] | undefined, model: Model): boolean {
  return [...(model.table(name)?.constraints.values() ?? [])].some(
    ({ kind, isValid, columns }) =>
      kind === "check" && isValid && (key?.some((column) => columns.includes(column)) ?? true),
  );
}

function effectsOfNewColumn(
  table: string,
  column: Tree.ColumnDef | undefined,
  model: Model,
): Effect[] {
  const { type, isArray } = typeOf(column?.typeName);
  const more = { column: column?.colname };
  const has = (...kinds: Parameters<typeof constraintOf>[1][]) => constraintOf(column, ...kinds);
  const effects = [ofValue()];
  if (has("CONSTR_CHECK")) effects.push(effect("add-column-check", table, undefined, more));
  if (has("CONSTR_UNIQUE", "CONSTR_PRIMARY")) {
    effects.push(effect("add-column-unique", table, undefined, more));
  }
  const reference = has("CONSTR_FOREIGN");
  if (reference) {
    const fact = has("CONSTR_DEFAULT") ? "add-foreign-key" : "add-column-reference";
    effects.push(effect(fact, table, relationName(reference.pktable), more));
  }
  return effects;

  function ofValue(): Effect {
    const generated = has("CONSTR_GENERATED");
    if (generated) {
      if (generated.generated_kind !== "v") {
        return effect("add-column-stored", table, undefined, more);
      }
      const fact = has("CONSTR_NOTNULL") ? "add-column-virtual-required" : "add-column-virtual";
      return effect(fact, table, undefined, more);
    }
    if (isSerial(type) || has("CONSTR_IDENTITY")) {
      return effect("add-column-numbered", table, undefined, more);
    }
    // An array of the domain is given no look: it has no element to be checked, or a default that was.
    if (!isArray && model.find(model.domains, type)?.hasConstraint) {
      return effect("add-column-domain", table, undefined, more);
    }
    const value = has("CONSTR_DEFAULT")?.raw_expr;
    if (value === undefined || isNull(value)) {
      const isRequired = has("CONSTR_NOTNULL", "CONSTR_PRIMARY") !== undefined;
      return effect(isRequired ? "add-column-required" : "add-column", table, undefined, more);
    }
    const steady = steadinessOf(value, model);
    if (steady.is === "steady") return effect("add-column-default", table, undefined, more);
    const unsure = steady.is === "unknown" ? `whether ${steady.because} is volatile` : undefined;
    return effect("add-column-volatile", table, undefined, { ...more, unsure });
  }
}

function effectOfType(table: string, { name = "", def }: Command, model: Model): Effect {
  const definition = as(def, "ColumnDef");
  const now = model.table(table);
  const column = now?.columns.get(name);
  const more = { column: name };
  const to = typeOf(definition?.typeName);
  // USING that is more than the column itself, or a cast of it, computes every value.
  const using = definition?.raw_default;
  const isComputed = using !== undefined && findNodes([using], "ColumnRef").length !== 1;
  const inner = as(using, "TypeCast")?.arg ?? using;
  if (isComputed || (using !== undefined && as(inner, "ColumnRef") === undefined)) {
    return effect("alter-type-rewrite", table, undefined, more);
  }
  if (!now || !column) {
    return effect("alter-type-rewrite", table, undefined, {
      ...more,
      unsure: `which type ${name} has now`,
    });
  }
  if (!isStoredAlike(column, to, model))
    return effect("alter-type-rewrite", table, undefined, more);
  const [rebuilt] = rebuiltIndexes(now, name, definition, { from: column, type: to, model });
  if (rebuilt) {
    return effect("alter-type-index", table, undefined, { ...more, index: rebuilt.name });
  }
  const isChecked = [...now.constraints.values()].some(
    ({ kind, columns }) => kind === "check" && columns.includes(name),
  );
  return effect(isChecked ? "alter-type-checked" : "alter-type-binary", table, undefined, more);
}

function effectOfNotNull(table: string, name: string, model: Model): Effect {
  const known = model.table(table);
  const isProven =
    known?.columns.get(name)?.isNotNull === true ||
    [...(known?.constraints.values() ?? [])].some(
      ({ isValid, provesNotNull }) => isValid && provesNotNull === name,
    );
  return effect(isProven ? "set-not-null-proven" : "set-not-null", table, undefined, {
    column: name,
  });
}

/** On ONLY a partitioned table its index is built nowhere: those of the partitions are attached to it. */
const isFrame = ({ contype }: Tree.Constraint) =>
  contype === "CONSTR_UNIQUE" || contype === "CONSTR_PRIMARY" || contype === "CONSTR_EXCLUSION";

function effectOfConstraint(table: string, constraint: Tree.Constraint, model: Model): Effect {
  const isLater = constraint.skip_validation === true;
  // The parser says `is_enforced` for every constraint but NOT ENFORCED ones.
  const isStated = constraint.is_enforced !== true;
  switch (constraint.contype) {
    case "CONSTR_CHECK":
      return effect(isLater || isStated ? "add-check-not-valid" : "add-check", table);
    case "CONSTR_NOTNULL": {
      if (isLater) return effect("add-not-null-not-valid", table);
      const column = as(constraint.keys?.[0], "String")?.sval ?? "";
      return effectOfNotNull(table, column, model);
    }
    case "CONSTR_FOREIGN": {
      const fact = isLater || isStated ? "add-foreign-key-not-valid" : "add-foreign-key";
      return effect(fact, table, relationName(constraint.pktable));
    }
    case "CONSTR_UNIQUE":
      return effect(constraint.indexname ? "add-unique-using-index" : "add-unique", table);
    case "CONSTR_PRIMARY": {
      if (!constraint.indexname) return effect("add-primary-key", table);
      const known = model.table(table);
      const columns =
        model.index(schemaOf(known?.name ?? "") + constraint.indexname)?.columns ?? [];
      const isSafe =
        columns.length > 0 && columns.every((name) => known?.columns.get(name)?.isNotNull === true);
      const unsure =
        columns.length > 0 && known?.isComplete ? undefined : "whether its columns are not null";
      return effect(
        isSafe ? "add-primary-key-using-index" : "add-primary-key-nullable",
        table,
        undefined,
        isSafe ? {} : { unsure },
      );
    }
    default:
      return effect("add-exclusion", table);
  }
}

function effectOfValidation(table: string, name: string, model: Model): Effect {
  const constraint = model.table(table)?.constraints.get(name);
  if (constraint?.references !== undefined) {
    return effect("validate-foreign-key", table, constraint.references);
  }
  return effect(constraint?.kind === "notnull" ? "validate-not-null" : "validate-check", table);
}
