/** What policies/ says of one table. */
import { partsOf } from "../policies/matrix/access.ts";
import type { DeclaredAudit } from "../policies/audit/read.ts";
import type { DeclaredTable } from "../policies/partitions/declared.ts";
import { describeSpan } from "../policies/partitions/span.ts";
import type { Declared } from "./declared.ts";
import type { Audit, Partition, Partitioning, RoleRights, Table } from "./model.ts";

type Named = Pick<Table, "id" | "schema" | "name">;

/** Rights with the rows that were measured for them. */
export function rightsOf(
  { id, rights }: Pick<Table, "id" | "rights">,
  access: Declared["access"],
): readonly RoleRights[] {
  return rights.map((one) => {
    const cells = one.role === null ? undefined : access?.access[one.role]?.[id];
    // Which columns stands with the rights.
    const rows = Object.entries(cells ?? {})
      .filter(([command]) => !command.endsWith(" columns"))
      .map(([command, cell]) => [command.toUpperCase(), sayCell(cell)] as const);
    return { ...one, rows };
  });
}

/** `user: own; nobody: none` */
function sayCell(cell: Readonly<Record<string, string>>): string {
  return Object.entries(cell)
    .map(([persona, rows]) => `${persona}: ${partsOf(rows).join(", ") || "none"}`)
    .join("; ");
}

export function auditOf(
  { schema, name }: Named,
  triggers: readonly string[],
  declared: DeclaredAudit | undefined,
): Audit | undefined {
  const key = `${schema}.${name}`;
  const isDeclared = declared !== undefined && Object.hasOwn(declared.file.tables, key);
  if (!isDeclared && triggers.length === 0) return undefined;
  const options = declared?.file.tables[key];
  return {
    log: declared?.file.log,
    triggers,
    excluded: options?.exclude ?? [],
    masked: options?.mask ?? [],
    isMissing: triggers.length === 0,
  };
}

export function partitioningOf(
  { schema, name }: Named,
  key: string,
  declared: readonly DeclaredTable[],
  partitions: readonly Partition[] | undefined,
): Partitioning {
  const one = declared.find((table) => table.schema === schema && table.table === name);
  return { key, upkeep: one === undefined ? [] : describeUpkeep(one), partitions };
}

function describeUpkeep(one: DeclaredTable): string[] {
  const rest = one.hasDefault ? ["A default partition takes what fits no other."] : [];
  switch (one.by) {
    case "hash":
      return [`${one.modulus} partitions by hash.`, ...rest];
    case "list":
      return [`A partition for each of ${[...one.values.keys()].join(", ")}.`, ...rest];
    case "range":
      return [
        `A partition for each ${one.every} of ${one.column} (${one.timeZone}), made ${describeSpan(one.horizon)} ahead.`,
        ...(one.retention === undefined
          ? []
          : [
              `Kept ${describeSpan(one.retention.keep)}, then ${one.retention.drop ? "dropped" : "detached"}.`,
            ]),
        ...rest,
      ];
  }
}
