/** Which probes make up the matrix, each with what its outcome stands for. */
import type { Relation, Rights, Role } from "./catalog.ts";
import { rightsKey } from "./catalog.ts";
import type { Fixture, Person, RowLabel } from "./fixture.ts";
import type { TriedRow } from "./load.ts";
import type { Probe } from "./probe.ts";
import {
  commands,
  hasRight,
  tryGivingAway,
  tryOnRow,
  tryOnView,
  tryWithoutRow,
  type Command,
} from "./statement.ts";

/** One probe and the cell it counts for. */
export interface Trial extends Probe {
  readonly relation: Relation;
  readonly command: Command | "give away" | "partitions";
  /** `nobody` and `cleared` are personas without a person; undefined where the right itself is tried. */
  readonly persona: string | undefined;
  readonly person: string | undefined;
  readonly label: RowLabel | undefined;
  /** For a view: which table's rows it is searched for, or `identity`. */
  readonly source?: string | undefined;
}

export interface Subject {
  readonly fixture: Fixture;
  readonly roles: readonly Role[];
  readonly relations: readonly Relation[];
  readonly rights: ReadonlyMap<string, Rights>;
  readonly rows: readonly TriedRow[];
}

interface Asker {
  readonly persona: string;
  readonly person: Person | undefined;
  readonly identity: string | undefined;
}

/**
 * Every probe in the order in which it must run: a setting that was set once is '' and never NULL
 * again in that session, so all questions of nobody come first.
 */
export function planTrials(subject: Subject): Trial[] {
  const { people } = subject.fixture;
  const askers: Asker[] = [
    { persona: "nobody", person: undefined, identity: undefined },
    ...people.map((person) => ({ persona: person.persona, person, identity: person.value })),
    { persona: "cleared", person: undefined, identity: "" },
  ];
  const trials = forEach(subject, (role, relation, rights) => tryRights(role, relation, rights));
  for (const asker of askers) {
    trials.push(
      ...forEach(subject, (role, relation, rights) =>
        relation.kind === "view"
          ? searchView(role, relation, rights, asker, subject)
          : tryRows(role, relation, rights, asker, subject),
      ),
    );
  }
  return trials;
}

function forEach(
  { roles, relations, rights }: Subject,
  work: (role: Role, relation: Relation, rights: Rights) => Trial[],
): Trial[] {
  return roles.flatMap((role) =>
    relations.flatMap((relation) => {
      const found = rights.get(rightsKey(role.name, relation.oid));
      return found === undefined ? [] : work(role, relation, found);
    }),
  );
}

/** Rights the catalog denies are tried as well, without a row; and the first partition by its name. */
function tryRights(role: Role, relation: Relation, rights: Rights): Trial[] {
  const common = {
    role: role.name,
    identity: undefined,
    relation,
    persona: undefined,
    person: undefined,
    label: undefined,
  };
  const column = relation.columns.find(
    ({ isGenerated, isAlwaysIdentity }) => !isGenerated && !isAlwaysIdentity,
  )?.name;
  const [partition] = relation.partitions ?? [];
  return [
    ...commands
      // An INSERT into a view that cannot be written fails before rights are looked at.
      .filter((command) => relation.kind === "table" || command === "select")
      .filter((command) => !hasRight(rights, command))
      .map((command) => ({
        ...common,
        command,
        sql: tryWithoutRow(relation.name, column, command),
      })),
    ...(partition === undefined
      ? []
      : [
          {
            ...common,
            command: "partitions" as const,
            sql: tryWithoutRow(partition, column, "select"),
          },
        ]),
  ];
}

function tryRows(
  role: Role,
  relation: Relation,
  rights: Rights,
  { persona, person, identity }: Asker,
  subject: Subject,
): Trial[] {
  const own = subject.rows.filter((row) => row.relation === relation);
  const common = { role: role.name, identity, relation, persona, person: person?.name };
  const trials: Trial[] = commands
    .filter((command) => hasRight(rights, command))
    .flatMap((command) =>
      own.map((row) => ({
        ...common,
        command,
        label: row.label,
        ...tryOnRow(row, rights, command),
      })),
    );
  const column = ownerColumn(own, subject);
  if (column === undefined || !rights.mayUseSchema || !rights.update.includes(column))
    return trials;
  for (const row of own) {
    const receiver = subject.fixture.people.find(({ name }) => name !== row.label.owner);
    if (row.label.owner === null || receiver === undefined) continue;
    const given = tryGivingAway(row, column, receiver.value);
    trials.push({ ...common, command: "give away", label: row.label, ...given });
  }
  return trials;
}

/** The column that holds, in every row that is somebody's, the identity of that person. */
function ownerColumn(rows: readonly TriedRow[], { fixture }: Subject): string | undefined {
  const owned = rows.filter(({ label }) => label.owner !== null);
  const valueOf = (owner: string | null) =>
    fixture.people.find(({ name }) => name === owner)?.value;
  return owned[0]?.relation.columns.find(
    ({ name, isGenerated }) =>
      !isGenerated && owned.every(({ label, values }) => values[name] === valueOf(label.owner)),
  )?.name;
}

/**
 * A view's row is a tried row of a table it reads when it shows that table's key in columns of the
 * same names; or, where it shows none, when it shows somebody's identity.
 */
function searchView(
  role: Role,
  view: Relation,
  rights: Rights,
  { persona, person, identity }: Asker,
  { rows, fixture }: Subject,
): Trial[] {
  if (!hasRight(rights, "select")) return [];
  const wanted: {
    source: string;
    label: RowLabel;
    values: Readonly<Record<string, string>> | string;
  }[] = [];
  for (const { relation, label, values } of rows) {
    if (relation.key === null || !view.sources.includes(relation.oid)) continue;
    if (!relation.key.every((name) => rights.select.includes(name))) continue;
    const key = Object.fromEntries(relation.key.map((name) => [name, values[name] ?? ""]));
    wanted.push({ source: relation.name, label, values: key });
  }
  for (const { name, value } of fixture.people) {
    wanted.push({ source: "identity", label: { owner: name, variant: "" }, values: value });
  }
  return wanted.map(({ source, label, values }) => ({
    role: role.name,
    identity,
    relation: view,
    command: "select",
    persona,
    person: person?.name,
    label,
    source,
    ...tryOnView(view, rights, values),
  }));
}
