/** The way back: the first partition becomes the plain table again, with the rows of all others. */
import { ident, literal, qualified } from "../../../db/identifier.ts";
import type { Adoption } from "./adoption.ts";
import {
  addIncoming,
  dropIncoming,
  dropTriggers,
  lockEverything,
  makeIdentity,
  makeTriggersAndPolicies,
  ownSequences,
  pointReaders,
  setSequencesAside,
  validateIncoming,
} from "./dependents.ts";
import type { Passage } from "./up.ts";
import { endTransaction } from "./up.ts";

export function writeDown(adoption: Adoption): Passage[] {
  const { facts, leaf, noIndex, primary } = adoption;
  const validation = validateIncoming(adoption);
  return [
    ...(primary
      ? [
          {
            comment: "The primary key as it was.",
            statements: [
              `CREATE UNIQUE INDEX CONCURRENTLY ${ident(primary.narrowIndex)} ON ${leaf} ${primary.narrow}`,
            ],
          },
        ]
      : [endTransaction(noIndex)]),
    {
      comment: "The exchange, in one transaction.",
      statements: [
        ...lockEverything(adoption),
        // The owner, too, is subject to FORCE ROW LEVEL SECURITY and would move what it sees.
        ...(facts.hasRowSecurity ? ["SET LOCAL row_security = off"] : []),
      ],
    },
    { comment: "", statements: detach(adoption) },
    {
      comment:
        "Rows of the other partitions come back into the table: none for as long as they are empty. Every\nother session waits while they are moved.",
      statements: [moveRows(adoption)],
    },
    { comment: "", statements: exchange(adoption) },
    { comment: "Foreign keys of other tables.", statements: addIncoming(adoption) },
    ...(validation.length > 0
      ? [endTransaction(noIndex), { comment: "", statements: validation }]
      : []),
  ].filter(({ statements }) => statements.length > 0);
}

function detach(adoption: Adoption): string[] {
  const { facts, leaf, table } = adoption;
  return [
    ...dropIncoming(adoption),
    ...dropTriggers(adoption),
    // Those of audit.yaml go with the parent; until then a row that comes back is no change of it.
    ...(facts.policyTriggers ? [`ALTER TABLE ${table} DISABLE TRIGGER USER`] : []),
    ...(facts.hasRowSecurity
      ? [
          `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`,
          `ALTER TABLE ${leaf} DISABLE ROW LEVEL SECURITY`,
        ]
      : []),
    ...setSequencesAside(adoption),
    // Checks left for the end of the transaction would forbid to alter the table after the move.
    "SET CONSTRAINTS ALL IMMEDIATE",
    `ALTER TABLE ${table} DETACH PARTITION ${leaf}`,
  ];
}

function moveRows({ around, leaf, table }: Adoption): string {
  const hasGenerated = around.columns.some(({ generated }) => generated !== "");
  const columns = around.columns
    .filter(({ generated }) => generated === "")
    .map(({ name }) => ident(name))
    .join(", ");
  // Without a list, a column that was added meanwhile is moved too.
  return hasGenerated
    ? `WITH moved AS (DELETE FROM ${table} RETURNING ${columns})\nINSERT INTO ${leaf} (${columns}) SELECT ${columns} FROM moved`
    : `WITH moved AS (DELETE FROM ${table} RETURNING *)\nINSERT INTO ${leaf} SELECT * FROM moved`;
}

function exchange(adoption: Adoption): string[] {
  const { around, bare, facts, leaf, prepared, primary, renames, table } = adoption;
  return [
    `ALTER TABLE ${table} RENAME TO ${bare.prepared}`,
    `ALTER TABLE ${leaf} RENAME TO ${bare.table}`,
    ...makeIdentity(adoption),
    ...ownSequences(adoption),
    ...pointReaders(adoption),
    `DROP TABLE ${prepared}`,
    ...(primary
      ? [
          `ALTER TABLE ${table} DROP CONSTRAINT ${ident(primary.wideIndex)}`,
          `ALTER TABLE ${table} ADD CONSTRAINT ${ident(primary.constraint)} PRIMARY KEY USING INDEX ${ident(primary.narrowIndex)}`,
          ...lostComments(adoption, primary.constraint),
        ]
      : []),
    ...renames.constraints.map(
      ({ from, to }) => `ALTER TABLE ${table} RENAME CONSTRAINT ${ident(to)} TO ${ident(from)}`,
    ),
    ...renames.indexes.map(
      ({ from, to }) => `ALTER INDEX ${qualified(facts.schema, to)} RENAME TO ${ident(from)}`,
    ),
    ...renames.statistics.map(
      ({ schema, from, to }) =>
        `ALTER STATISTICS ${qualified(schema, to)} RENAME TO ${ident(from)}`,
    ),
    ...makeTriggersAndPolicies(adoption),
    ...(facts.hasRowSecurity ? [`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`] : []),
    ...(facts.hasRowSecurity && !facts.forcesRowSecurity
      ? [`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`]
      : []),
    ...around.grants,
  ];
}

/** Comments that went with the primary key. */
function lostComments({ around, facts, table }: Adoption, name: string): string[] {
  const ofConstraint = around.constraintComments.get(name);
  const ofIndex = around.indexComments.get(name);
  const index = around.indexes.find((one) => one.name === name);
  return [
    ...(ofConstraint === undefined
      ? []
      : [`COMMENT ON CONSTRAINT ${ident(name)} ON ${table} IS ${literal(ofConstraint)}`]),
    ...(ofIndex === undefined
      ? []
      : [`COMMENT ON INDEX ${qualified(facts.schema, name)} IS ${literal(ofIndex)}`]),
    ...(index?.isClustered === true ? [`ALTER TABLE ${table} CLUSTER ON ${ident(name)}`] : []),
  ];
}
