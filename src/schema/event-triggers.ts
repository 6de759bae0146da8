import { ident, literal } from "../db/identifier.ts";
import { attributesOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import listEventTriggers from "./event-triggers.sql";
import { address, stages } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import { firingStates } from "./rules.ts";

interface EventTriggerRow {
  readonly oid: number;
  readonly name: string;
  readonly owner: string;
  readonly event: string;
  /** O(rigin), D(isabled), A(lways), R(eplica). */
  readonly state: string;
  readonly tags: readonly string[];
  readonly function: string;
}

/** Event triggers stand last of all: they would fire while the rest is created. */
export async function collectEventTriggers(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<EventTriggerRow>(listEventTriggers);
  return rows.map((row) => {
    const own = address("eventTrigger", row.oid);
    const name = `EVENT TRIGGER ${ident(row.name)}`;
    const tags = row.tags.toSorted().map(literal).join(", ");
    const statements = [
      `CREATE ${name} ON ${row.event}` +
        (tags === "" ? "" : `\n    WHEN TAG IN (${tags})`) +
        `\n    EXECUTE FUNCTION ${row.function}()`,
      ...attributesOf(catalog, { address: own, name, owner: row.owner }),
      ...(row.state === "O" ? [] : [`ALTER ${name} ${firingStates[row.state] ?? ""}`]),
    ];
    return {
      label: `event trigger ${ident(row.name)}`,
      addresses: [own],
      stage: stages.eventTriggers,
      section: "",
      key: [row.name],
      block: `event trigger ${row.name}`,
      statements: () => statements,
    };
  });
}
