/** Rights of roles other than the owner, by table. */
import type { Session } from "../db/session.ts";
import { groupBy } from "../schema/relations.ts";
import type { Right, RoleRights } from "./model.ts";
import selectRights from "./rights.sql";

interface RightRow {
  readonly relation: number;
  readonly column: string | null;
  readonly role: string | null;
  readonly privilege: string;
  readonly isGrantable: boolean;
}

const order = [
  "SELECT",
  "INSERT",
  "UPDATE",
  "DELETE",
  "TRUNCATE",
  "REFERENCES",
  "TRIGGER",
  "MAINTAIN",
];

export async function listRights(
  session: Session,
): Promise<ReadonlyMap<number, readonly RoleRights[]>> {
  const rows = await session.query<RightRow>(selectRights);
  return new Map(
    [...groupBy(rows, ({ relation }) => relation)].map(([relation, ofRelation]) => [
      relation,
      [...groupBy(ofRelation, ({ role }) => role)]
        .map(([role, ofRole]) => ({ role, rights: mergeColumns(ofRole), rows: [] }))
        .toSorted((one, other) => ((one.role ?? "") < (other.role ?? "") ? -1 : 1)),
    ]),
  );
}

/** One entry for a privilege on the whole table, or on some of its columns. */
function mergeColumns(rows: readonly RightRow[]): Right[] {
  return [...groupBy(rows, ({ privilege }) => privilege)]
    .map(([privilege, ofOne]): Right => {
      const whole = ofOne.find(({ column }) => column === null);
      const columns = ofOne.flatMap(({ column }) => column ?? []).toSorted();
      return {
        privilege,
        isGrantable: (whole ? [whole] : ofOne).every(({ isGrantable }) => isGrantable),
        columns: whole ? undefined : columns,
      };
    })
    .toSorted((one, other) => order.indexOf(one.privilege) - order.indexOf(other.privilege));
}
