/** The steps for one column of a table. */
import { ident } from "../db/identifier.ts";
import { readColumn } from "../schema/compare/column-words.ts";
import type { TableDifference } from "../schema/compare/words.ts";
import { compareTables } from "../schema/compare/words.ts";
import { columnSteps } from "./column.ts";
import type { Step } from "./step.ts";
import type { Parent } from "./table-part.ts";
import { elementOf, isAbout, nameOf, partOf } from "./table-part.ts";

/** What becomes of a column that is new, gone or another one; a partition has it from its table. */
export function ownColumn(
  table: { readonly all: string; readonly one: string },
  part: TableDifference,
  above: readonly TableDifference[],
  parent: Parent | undefined,
): Step[] {
  const { kind, element, before } = part;
  if (!element) return [];
  const what = nameOf(part);
  const makes = partOf(part);
  const parents = above.find(
    ({ element: other, kind: same }) =>
      other?.kind === "column" && other.name === element.name && same === kind,
  );
  if (kind === "new" && parent && !parents) {
    const why = `a partition gets a column only with ${parent.label}`;
    return [{ what, sql: [], why, when: "main", makes }];
  }
  const isHandedOn = kind === "new" && parents !== undefined;
  // What arrives is as the topmost table has it that gains the column.
  const had = isHandedOn ? arriving(element.name, parent) : before;
  const { actions, why, isOnlyNotNull } =
    isHandedOn && had === element.text
      ? { actions: [] }
      : columnSteps(element, had, kind === "gone");
  const steps = actions.map((action): Step => {
    const isDefault = / (?:SET|DROP) DEFAULT\b/.test(action);
    const isNullable = action.endsWith(" DROP NOT NULL");
    const isDropped = action.endsWith(" DROP DEFAULT");
    return {
      ...(isHandedOn ? { group: what } : {}),
      what,
      sql: [`ALTER TABLE ${isDefault ? table.one : table.all} ${action}`],
      when: "main",
      makes,
      // PostgreSQL refuses to add an identity where tables inherit.
      ...(/ SET COMPRESSION |^ADD COLUMN .* AS IDENTITY/s.test(action)
        ? { reachesHeirs: false }
        : {}),
      ...(isDefault ? { ends: makes, isMovable: isDropped } : {}),
      ...(isNullable ? { blocks: () => false, isNullable } : {}),
    };
  });
  steps.push(...earlierDrop(table.one, steps, part));
  if (isHandedOn) {
    const follows = { label: parent?.label ?? "", part: makes };
    steps.unshift({ what, sql: [], when: "main", makes, follows, group: what });
  }
  const held = parent && elementOf(parent, "column", element.name);
  if (held?.text.includes(" NOT NULL") === true && !above.some((other) => isAbout(other, part))) {
    const stays = `it is NOT NULL in ${parent?.label ?? ""}`;
    return steps.map((step) =>
      step.isNullable === true ? { ...step, sql: [], why: stays } : step,
    );
  }
  if (why === undefined) return steps;
  const needsNotNull = /\bPRIMARY KEY\b|REPLICA IDENTITY USING INDEX| ATTACH PARTITION /;
  const blocks = isOnlyNotNull === true ? { blocks: (sql: string) => needsNotNull.test(sql) } : {};
  return [
    ...steps,
    {
      what,
      sql: [],
      why,
      when: "main",
      ...(kind === "gone" ? {} : { makes, ...blocks }),
      ...(kind === "changed" ? { ends: makes } : {}),
    },
  ];
}

/** A default that is another one may have to go first, so that what it calls can go. */
function earlierDrop(table: string, steps: Step[], { element, before }: TableDifference): Step[] {
  const at = steps.findIndex(({ sql }) => sql.some((one) => / SET DEFAULT\b/.test(one)));
  const step = steps[at];
  if (!step || !element || readColumn(before ?? "")?.default === undefined) return [];
  const group = `default of ${step.what}`;
  steps[at] = { ...step, group: step.group ?? group };
  const sql = [`ALTER TABLE ${table} ALTER COLUMN ${ident(element.name)} DROP DEFAULT`];
  const { what, ends = "" } = step;
  return [{ what, sql, when: "if-needed", ends, isMovable: true, group: step.group ?? group }];
}

function arriving(name: string, parent: Parent | undefined): string | null {
  if (!parent) return null;
  const differences = compareTables(parent.was[0] ?? "", parent.is[0] ?? "") ?? [];
  const found = differences.find(
    ({ kind, element }) => kind === "new" && element?.kind === "column" && element.name === name,
  );
  return found ? (arriving(name, parent.above) ?? found.now) : null;
}
