/** What keeps a table from becoming a partition, or would not follow it: each by name, with a way out. */
import { ident, qualified } from "../../../db/identifier.ts";
import type { AroundTable } from "../../../schema/around-table.ts";
import { keyTypes } from "./bounds.ts";
import type { KeyType } from "./bounds.ts";
import type { FoundTable, IncomingKey, IndexFacts, Reader, TableFacts } from "./read-table.ts";

/** One reason, as a sentence that begins with the name of the object. */
export interface Refusal {
  readonly message: string;
  /** What to do about it. */
  readonly wayOut: string;
}

/** Everything in the way; nothing when the table can be adopted. */
export function listRefusals(found: FoundTable, column: string, majorVersion: number): Refusal[] {
  const { facts, around } = found;
  return [
    ...refuseTable(facts),
    ...refuseColumn(around, column),
    ...facts.indexes.flatMap((index) => refuseIndex(index, around, column)),
    ...around.constraints.flatMap((constraint) => refuseConstraint(constraint, facts)),
    ...facts.incoming.flatMap((key) => refuseIncoming(key, column, majorVersion)),
    ...refuseTriggers(facts),
    ...found.readers.flatMap(refuseReader),
    ...refuseReplication(facts),
    ...around.grantors.map((grantor) => ({
      message: `privileges on it that \`${grantor}\` has granted, not its owner`,
      wayOut: `have its owner grant them, then revoke those of ${ident(grantor)}`,
    })),
  ];
}

/** The type of the key when the table can be cut by it. */
export function keyTypeOf(around: AroundTable, column: string): KeyType | undefined {
  const type = around.columns.find(({ name }) => name === column)?.type.replace(/\(\d\)/, "");
  return keyTypes.find((known) => known === type);
}

function refuseTable(facts: TableFacts): Refusal[] {
  const refusals: Refusal[] = [];
  const refuse = (is: boolean, message: string, wayOut: string) => {
    if (is) refusals.push({ message, wayOut });
  };
  refuse(facts.persistence === "t", "it is a temporary table", "partition a permanent one");
  refuse(
    facts.persistence === "u",
    "it is UNLOGGED, which a partitioned table cannot be",
    `ALTER TABLE ${nameOf(facts)} SET LOGGED writes all of it into the log once`,
  );
  refuse(facts.isTyped, "it is a table OF a type", `ALTER TABLE ${nameOf(facts)} NOT OF`);
  refuse(facts.isPartition, "it is a partition already", "partition its parent's rows there");
  if (!facts.isPartition) {
    for (const bond of facts.inheritance) {
      refuse(true, bond, "NO INHERIT ends it; a partition cannot inherit otherwise");
    }
  }
  refuse(
    facts.extension !== null,
    `it belongs to ${facts.extension}`,
    "an extension's tables are its own affair",
  );
  for (const rule of facts.rules) {
    refuse(true, `rule ${rule} on it`, `DROP RULE ${rule}; a trigger can do the same`);
  }
  refuse(
    facts.hasSecurityLabel,
    "it has a security label",
    "take the label off, and put it on both tables afterwards",
  );
  return refusals;
}

function refuseColumn(around: AroundTable, name: string): Refusal[] {
  const { id } = around.relation;
  const column = around.columns.find((one) => one.name === name);
  if (!column) {
    const known = around.columns.map((one) => one.name).join(", ");
    return [{ message: `it has no column \`${name}\``, wayOut: `its columns are ${known}` }];
  }
  const refusals: Refusal[] = [];
  if (keyTypeOf(around, name) === undefined) {
    refusals.push({
      message: `column ${ident(name)} is of type ${column.type}, which no calendar cuts`,
      wayOut: `partition by a column of type ${keyTypes.join(", ")} (version 7)`,
    });
  }
  if (column.generated !== "") {
    refusals.push({
      message: `column ${ident(name)} is generated, and no partition key can be`,
      wayOut: "partition by the column it is calculated from",
    });
  }
  if (!column.isNotNull || column.isNotNullValid === false) {
    refusals.push({
      message: `column ${ident(name)} may be null`,
      wayOut:
        `in a migration of its own: ALTER TABLE ${id} ADD CHECK (${ident(name)} IS NOT NULL) NOT VALID, ` +
        "fill the gaps, VALIDATE, then SET NOT NULL, which reads no row any more",
    });
  }
  const others = around.columns.filter((one) => one !== column && one.isNotNullValid === false);
  return [
    ...refusals,
    ...others.map((other) => ({
      message: `NOT NULL of column ${ident(other.name)} is NOT VALID`,
      wayOut: `ALTER TABLE ${id} VALIDATE CONSTRAINT ${ident(other.notNullName ?? "")}`,
    })),
  ];
}

function refuseIndex(index: IndexFacts, around: AroundTable, column: string): Refusal[] {
  if (!index.isValid) {
    return [
      {
        message: `index ${index.name} is invalid`,
        wayOut: `REINDEX INDEX CONCURRENTLY ${index.name}, or drop it`,
      },
    ];
  }
  const constraint = around.constraints.find((one) => one.index === index.oid);
  if (index.isExclusion) {
    return [
      {
        message: `exclusion constraint ${ident(constraint?.name ?? "")}`,
        wayOut: "drop it: PostgreSQL can keep it within one partition only",
      },
    ];
  }
  if (!index.isUnique || index.columns?.includes(column) === true) return [];
  if (constraint?.type === "p") {
    return index.isImmediate
      ? []
      : [
          {
            message: `primary key ${ident(constraint.name)} is deferrable and lacks ${ident(column)}`,
            wayOut: `make it one that is not, or one of (${[...(index.columns ?? []), column].map(ident).join(", ")})`,
          },
        ];
  }
  const what = constraint ? `unique constraint ${ident(constraint.name)}` : `index ${index.name}`;
  const columns = index.columns ?? [];
  return [
    {
      message: `${what} lacks ${ident(column)}: PostgreSQL keeps it within one partition only`,
      wayOut:
        `add ${ident(column)} to it, or drop it` +
        (columns.length > 0
          ? `; \`globally_unique: [${columns.join(", ")}]\` in policies/partitions.yaml then keeps it across partitions`
          : ""),
    },
  ];
}

function refuseConstraint(
  constraint: AroundTable["constraints"][number],
  facts: TableFacts,
): Refusal[] {
  const name = ident(constraint.name);
  if (constraint.isValid && constraint.isEnforced) {
    return constraint.type === "c" && constraint.definition.endsWith(") NO INHERIT")
      ? [
          {
            message: `check ${name} is NO INHERIT, which a partitioned table cannot have`,
            wayOut: "make it one that inherits",
          },
        ]
      : [];
  }
  return [
    {
      message: `constraint ${name} is ${constraint.isEnforced ? "NOT VALID" : "NOT ENFORCED"}`,
      wayOut: constraint.isEnforced
        ? `ALTER TABLE ${nameOf(facts)} VALIDATE CONSTRAINT ${name}`
        : "enforce it, or drop it",
    },
  ];
}

/** A foreign key can follow when the columns it refers to stay unique: when the key is among them. */
function refuseIncoming(key: IncomingKey, column: string, majorVersion: number): Refusal[] {
  const what = `foreign key ${ident(key.name)} of ${key.table}`;
  const columns = key.columns.map(ident).join(", ");
  if (!key.columns.includes(column)) {
    return [
      {
        message: `${what} refers to (${columns}), which is unique only together with ${ident(column)} then`,
        wayOut:
          `give ${key.table} the column ${ident(column)} too and a foreign key of (${columns}, ${ident(column)}), ` +
          `drop it, or partition by a UUID of version 7 that is the primary key`,
      },
    ];
  }
  if (key.isOwn) {
    return [
      {
        message: `${what} refers to the table itself`,
        wayOut: "drop it before and add it after: it is checked for every row then",
      },
    ];
  }
  if (key.isPartition || (key.isPartitioned && majorVersion < 18)) {
    return [
      {
        message: `${what}, a partitioned table, cannot be added NOT VALID before PostgreSQL 18`,
        wayOut: "drop it before and add it after: it is checked for every row then",
      },
    ];
  }
  if (!key.isValid) {
    return [
      {
        message: `${what} is NOT VALID`,
        wayOut: `ALTER TABLE ${key.table} VALIDATE CONSTRAINT ${ident(key.name)}`,
      },
    ];
  }
  return [];
}

function refuseTriggers(facts: TableFacts): Refusal[] {
  return facts.triggers.flatMap((trigger): Refusal[] => {
    const name = ident(trigger.name);
    if (trigger.isForEachRow && trigger.hasTransition) {
      return [
        {
          message: `trigger ${name} takes transition tables for each row, which no partition can`,
          wayOut: "make it FOR EACH STATEMENT",
        },
      ];
    }
    if (trigger.isConstraint) {
      return [
        {
          message: `constraint trigger ${name}, which a partitioned table cannot have`,
          wayOut: "make it an AFTER trigger",
        },
      ];
    }
    return [];
  });
}

function refuseReader(reader: Reader): Refusal[] {
  if (reader.way !== null) return [];
  const isMaterialized = reader.object.startsWith("materialized view ");
  return [
    {
      message: `${reader.object} depends on the table, its row type or a key of it and cannot be pointed at the new parent`,
      wayOut: isMaterialized
        ? "drop it in a migration before and create it in one after: it is filled anew"
        : "drop it in a migration before and create it in one after",
    },
  ];
}

function refuseReplication(facts: TableFacts): Refusal[] {
  const table = nameOf(facts);
  return [
    ...facts.publications.map((name) => ({
      message: `publication ${ident(name)} lists it`,
      wayOut: `ALTER PUBLICATION ${ident(name)} DROP TABLE ${table}, and add the parent afterwards`,
    })),
    ...facts.leafPublications.map((name) => ({
      message: `publication ${ident(name)} would publish its partitions under names that no subscriber knows`,
      wayOut: `ALTER PUBLICATION ${ident(name)} SET (publish_via_partition_root = true)`,
    })),
    ...(facts.isSubscribed
      ? [
          {
            message: "a subscription writes into it",
            wayOut: "partition it where its rows come from, or end the subscription",
          },
        ]
      : []),
    ...(facts.replicaIdentity === "i"
      ? [
          {
            message: "its replica identity is an index, which new partitions would not have",
            wayOut: `ALTER TABLE ${table} REPLICA IDENTITY DEFAULT or FULL`,
          },
        ]
      : []),
  ];
}

function nameOf(facts: TableFacts): string {
  return qualified(facts.schema, facts.name);
}
