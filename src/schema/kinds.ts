/** Every kind of object a dump knows: a file for each, and a line here. */
import { collectAggregates } from "./aggregates.ts";
import { collectCasts } from "./casts.ts";
import type { Catalog } from "./catalog.ts";
import { collectCollations } from "./collations.ts";
import { readColumns } from "./columns.ts";
import { collectComposites } from "./composites.ts";
import { readConstraints, separateConstraints } from "./constraints.ts";
import { collectConversions } from "./conversions.ts";
import { collectDefaultPrivileges } from "./default-privileges.ts";
import { collectDomains } from "./domains.ts";
import { collectEnums } from "./enums.ts";
import { collectEventTriggers } from "./event-triggers.ts";
import { collectExtensions } from "./extensions.ts";
import { collectForeignServers } from "./foreign-servers.ts";
import { indexObjects, readIndexes } from "./indexes.ts";
import { notValidConstraints } from "./not-valid.ts";
import type { SchemaObject } from "./object.ts";
import { collectOperatorClasses, collectOperatorFamilies } from "./operator-classes.ts";
import { collectOperators } from "./operators.ts";
import { collectPolicies } from "./policies.ts";
import { collectPublications } from "./publications.ts";
import { collectRanges } from "./ranges.ts";
import { groupBy, readRelations } from "./relations.ts";
import { collectRoutines } from "./routines.ts";
import { collectRules } from "./rules.ts";
import { collectSchemas } from "./schemas.ts";
import { readSequences, sequenceObjects } from "./sequences.ts";
import { collectStatistics } from "./statistics.ts";
import { foreignGrants, systemGrants } from "./system-grants.ts";
import { tableObject } from "./tables.ts";
import { collectTextSearch } from "./text-search.ts";
import { collectTriggers } from "./triggers.ts";
import { viewObject } from "./views.ts";

// Extensions come first: others name the ones they depend on.
const independentKinds = [
  collectExtensions,
  collectSchemas,
  collectCollations,
  collectEnums,
  collectComposites,
  collectDomains,
  collectRanges,
  collectRoutines,
  collectAggregates,
  collectOperatorFamilies,
  collectOperatorClasses,
  collectOperators,
  collectCasts,
  collectConversions,
  collectTextSearch,
  collectForeignServers,
  collectPublications,
  collectEventTriggers,
  collectDefaultPrivileges,
];

/** What belongs to a table or view. */
const dependentKinds = [collectRules, collectTriggers, collectPolicies, collectStatistics];

/** Reads every object of the database, about one query for each kind. */
export async function collectObjects(catalog: Catalog): Promise<SchemaObject[]> {
  const objects: SchemaObject[] = [];
  for (const collect of independentKinds) objects.push(...(await collect(catalog)));
  const relations = await readRelations(catalog);
  const columns = await readColumns(catalog);
  const constraints = await readConstraints(catalog);
  const indexes = await readIndexes(catalog);
  const sequences = await readSequences(catalog);
  const found = {
    relations,
    columns,
    constraints,
    indexes,
    sequences: groupBy(sequences, (sequence) => sequence.relation ?? 0),
  };
  objects.push(...sequenceObjects(catalog, sequences, relations));
  for (const relation of relations.values()) {
    const isView = relation.kind === "v" || relation.kind === "m";
    objects.push(
      isView ? viewObject(catalog, relation, columns) : tableObject(catalog, relation, found),
      ...separateConstraints(catalog, relation, found),
      ...notValidConstraints(catalog, relation, found),
      ...indexObjects(catalog, relation, found),
    );
  }
  for (const collect of dependentKinds) objects.push(...(await collect(catalog, relations)));
  // Last: privileges that no object has taken, and those that must run as somebody else.
  return [...objects, ...systemGrants(catalog), ...foreignGrants(catalog)];
}
