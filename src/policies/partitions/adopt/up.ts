/** The way up: a plain table becomes the first partition of a new parent of its name. */
import { ident, literal, qualified } from "../../../db/identifier.ts";
import { constraintText } from "../../../schema/constraints.ts";
import { storageOptions } from "../../../schema/options.ts";
import type { Adoption } from "./adoption.ts";
import {
  addIncoming,
  columnOf,
  dropIncoming,
  dropPolicies,
  dropTriggers,
  lockEverything,
  makeIdentity,
  makeTriggersAndPolicies,
  ownSequences,
  pointReaders,
  setSequencesAside,
  validateIncoming,
} from "./dependents.ts";
import { guardBlock, revokeDefaults } from "./guard-block.ts";

/** Statements under one comment. */
export interface Passage {
  readonly comment: string;
  readonly statements: readonly string[];
}

const identities: Readonly<Record<string, string>> = { f: "FULL", n: "NOTHING" };

export function writeUp(adoption: Adoption): Passage[] {
  const { primary, table, noIndex, check } = adoption;
  return [
    {
      comment:
        "Refuses to begin too late, or when the table is no longer what this was written for.",
      statements: [guardBlock(adoption)],
    },
    {
      comment: "The parent, without rows, under a name that nobody uses.",
      statements: prepare(adoption),
    },
    {
      comment:
        "Reads no row yet, and locks the table for a moment. It comes last, because the lock lasts until\nthe end of the transaction.",
      statements: [
        `ALTER TABLE ${table} ADD CONSTRAINT ${check} CHECK (${ident(adoption.request.column)} < ${adoption.bounds.end}) NOT VALID`,
      ],
    },
    primary
      ? {
          comment: "The primary key to be: one of a partitioned table must hold the partition key.",
          statements: [
            `CREATE UNIQUE INDEX CONCURRENTLY ${ident(primary.wideIndex)} ON ${table} ${primary.wide}`,
          ],
        }
      : endTransaction(noIndex),
    {
      comment: "Reads every row, while all others go on reading and writing.",
      statements: [`ALTER TABLE ${table} VALIDATE CONSTRAINT ${check}`],
    },
    endTransaction(noIndex),
    {
      comment:
        "The exchange, in one transaction that changes the catalog only. Locks are taken first; half a\nsecond is shorter than deadlock_timeout, so that in a deadlock this gives up and no application.",
      statements: lockEverything(adoption),
    },
    { comment: "", statements: exchange(adoption) },
    {
      comment: "What reads the table by its number is told its name again.",
      statements: pointReaders(adoption),
    },
    { comment: "Foreign keys of other tables.", statements: addIncoming(adoption) },
    endTransaction(noIndex),
    {
      comment:
        "Foreign keys are checked, and the planner learns about the parent, under locks that block nobody.",
      statements: [...validateIncoming(adoption), `ANALYZE ${table}`],
    },
  ].filter(({ statements }) => statements.length > 0);
}

/** The one statement that cannot be in a transaction, needs no object and does nothing. */
export function endTransaction(noIndex: string): Passage {
  return {
    comment:
      "Nothing has this name. The statement runs outside a transaction, so that what stands before it and\nwhat follows are transactions of their own.",
    statements: [`DROP INDEX CONCURRENTLY IF EXISTS ${noIndex}`],
  };
}

const alike =
  "INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION";

function prepare(adoption: Adoption): string[] {
  const { around, facts, newLeaves, prepared, request, table } = adoption;
  const place = facts.tablespace === null ? "" : ` TABLESPACE ${ident(facts.tablespace)}`;
  const method =
    around.relation.accessMethod === null ? "" : ` USING ${ident(around.relation.accessMethod)}`;
  const settings = [
    ...storageOptions(around.relation.options),
    ...storageOptions(around.relation.toastOptions, "toast."),
  ];
  const options = settings.length > 0 ? ` WITH (${settings.join(", ")})` : "";
  const owner = ident(facts.owner);
  const identity = identities[facts.replicaIdentity];
  const security = (name: string): string[] => [
    ...(facts.hasRowSecurity ? [`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`] : []),
    ...(identity === undefined ? [] : [`ALTER TABLE ${name} REPLICA IDENTITY ${identity}`]),
  ];
  return [
    `CREATE TABLE ${prepared} (LIKE ${table} ${alike} INCLUDING COMMENTS)\n    PARTITION BY RANGE (${ident(request.column)})${place}`,
    `ALTER TABLE ${prepared} OWNER TO ${owner}`,
    ...security(prepared),
    ...newLeaves.flatMap(({ id, bound }) => [
      `CREATE TABLE ${id} (LIKE ${table} ${alike})${method}${options}${place}`,
      `ALTER TABLE ${id} OWNER TO ${owner}`,
      ...security(id),
      `ALTER TABLE ${prepared} ATTACH PARTITION ${id} ${bound}`,
    ]),
    revokeDefaults([prepared, ...newLeaves.map(({ id }) => id)]),
    ...around.columns.flatMap((column) => {
      const alter = `ALTER TABLE ${prepared} ALTER COLUMN ${ident(column.name)}`;
      return [
        ...(column.statisticsTarget === null
          ? []
          : [`${alter} SET STATISTICS ${column.statisticsTarget}`]),
        ...(column.options.length === 0
          ? []
          : [`${alter} SET (${storageOptions(column.options).join(", ")})`]),
      ];
    }),
    ...around.constraints
      .filter(({ type }) => type === "f")
      .map((key) => `ALTER TABLE ${prepared} ADD ${constraintText(key)}`),
    // Last: the check of a new foreign key reads as the owner, whom FORCE would show nothing.
    ...(facts.forcesRowSecurity ? [`ALTER TABLE ${prepared} FORCE ROW LEVEL SECURITY`] : []),
    // Partitions are forced whatever the parent is: nobody has business in them by their own names.
    ...newLeaves
      .filter(() => facts.hasRowSecurity)
      .map(({ id }) => `ALTER TABLE ${id} FORCE ROW LEVEL SECURITY`),
  ];
}

function exchange(adoption: Adoption): string[] {
  const { around, bare, bounds, facts, leaf, prepared, primary, renames, table } = adoption;
  return [
    ...dropIncoming(adoption),
    ...dropTriggers(adoption),
    // They may be there or not, which is not for the migration to say; the parent's get these names.
    ...(facts.policyTriggers ?? []).map(
      (name) => `DROP TRIGGER IF EXISTS ${ident(name)} ON ${table}`,
    ),
    ...dropPolicies(adoption),
    ...(primary
      ? [
          `ALTER TABLE ${table} DROP CONSTRAINT ${ident(primary.constraint)}`,
          `ALTER TABLE ${table} ADD CONSTRAINT ${ident(primary.wideIndex)} PRIMARY KEY USING INDEX ${ident(primary.wideIndex)}`,
        ]
      : []),
    ...renames.constraints.map(
      ({ from, to }) => `ALTER TABLE ${table} RENAME CONSTRAINT ${ident(from)} TO ${ident(to)}`,
    ),
    ...renames.indexes.map(
      ({ from, to }) => `ALTER INDEX ${qualified(facts.schema, from)} RENAME TO ${ident(to)}`,
    ),
    ...renames.statistics.map(
      ({ schema, from, to }) =>
        `ALTER STATISTICS ${qualified(schema, from)} RENAME TO ${ident(to)}`,
    ),
    ...setSequencesAside(adoption),
    `ALTER TABLE ${table} RENAME TO ${bare.leaf}`,
    `ALTER TABLE ${prepared} RENAME TO ${bare.table}`,
    ...makeKeys(adoption),
    ...makeIdentity(adoption),
    ...renames.sequences.map(({ oid }) => {
      const sequence = around.sequences.find((one) => one.oid === oid);
      return `ALTER TABLE ${leaf} ALTER COLUMN ${ident(columnOf(around, sequence?.column ?? null))} DROP IDENTITY`;
    }),
    ...ownSequences(adoption),
    `ALTER TABLE ${table} ATTACH PARTITION ${leaf} FOR VALUES FROM (MINVALUE) TO (${bounds.end})`,
    `ALTER TABLE ${leaf} DROP CONSTRAINT ${adoption.check}`,
    ...(facts.hasRowSecurity && !facts.forcesRowSecurity
      ? [`ALTER TABLE ${leaf} FORCE ROW LEVEL SECURITY`]
      : []),
    ...makeTriggersAndPolicies(adoption),
    ...around.statistics.flatMap(({ statements }) => statements),
    ...around.grants,
    ...around.grantees.map(
      (grantee) =>
        `REVOKE ALL ON TABLE ${leaf} FROM ${grantee === null ? "PUBLIC" : ident(grantee)}`,
    ),
    ...commentsOn(adoption),
  ];
}

/** Keys and indexes of the parent: the filled partition's equal ones are found by ATTACH, not built. */
function makeKeys({ around, primary, table }: Adoption): string[] {
  const keys = around.constraints.filter(({ type }) => type === "p" || type === "u");
  return [
    ...keys.map((key) =>
      key.name === primary?.constraint
        ? `ALTER TABLE ${table} ADD CONSTRAINT ${ident(key.name)} PRIMARY KEY ${primary.wideColumns}`
        : `ALTER TABLE ${table} ADD ${constraintText(key)}`,
    ),
    ...around.plainIndexes
      .flatMap(({ statements }) => statements)
      // A partitioned table is not clustered; the filled partition still is.
      .filter((statement) => !statement.startsWith(`ALTER TABLE ${table} CLUSTER ON `)),
  ];
}

function commentsOn({ around, facts, table }: Adoption): string[] {
  const ofIndexes = around.constraints.flatMap(({ index, name }) => {
    const comment = around.indexComments.get(name);
    return index === 0 || comment === undefined
      ? []
      : [`COMMENT ON INDEX ${qualified(facts.schema, name)} IS ${literal(comment)}`];
  });
  return [
    ...(around.comment === undefined
      ? []
      : [`COMMENT ON TABLE ${table} IS ${literal(around.comment)}`]),
    ...[...around.constraintComments].map(
      ([name, comment]) =>
        `COMMENT ON CONSTRAINT ${ident(name)} ON ${table} IS ${literal(comment)}`,
    ),
    ...ofIndexes,
  ];
}
