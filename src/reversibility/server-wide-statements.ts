/** Statements of migrations that reach beyond a throwaway database: they are left out, and told. */
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { isPostgresError } from "../db/session.ts";
import type { Statement } from "../db/script.ts";
import { as } from "../db/tree.ts";
import type { EventListener } from "../events.ts";
import type { Location } from "../errors.ts";
import { Confinement } from "../migrate/confinement.ts";
import type { LeftStatement } from "../migrate/confinement.ts";
import { locate } from "../migrate/file.ts";
import type { InspectedMigration } from "../migrate/inspect.ts";
import { firstLine } from "../migrate/journal.ts";

const how = "left out, because it reaches beyond a throwaway database";

/** Leaves them out, and says so once for each; of the files that are tried it keeps them for their findings. */
export function confine(events: EventListener, tried: ReadonlySet<string>) {
  const kept: LeftStatement[] = [];
  const confinement = new Confinement(how, (message, left) => {
    if (tried.has(left.file)) kept.push(left);
    else events({ type: "notice", level: "warning", message });
  });
  return {
    confinement,
    leftOutOf: (name: string) => kept.filter(({ file }) => file === name),
  };
}

/** One of a migration that is tried. */
export interface LeftOut {
  /** Its first line. */
  readonly statement: string;
  readonly message: string;
  readonly at: Location | undefined;
}

/** With their places in the file, in order. */
export function placeLeftOut(
  { file, up, down }: InspectedMigration,
  left: readonly LeftStatement[],
): readonly LeftOut[] {
  return [up, down].flatMap((section) =>
    (section?.statements ?? []).flatMap((statement) => {
      const found = left.find((one) => isSame(one, statement));
      if (!section || !found) return [];
      const reason = found.why === undefined ? "" : ` (${found.why})`;
      const line = firstLine(statement.text);
      const at = locate(file, section.section, statement.start);
      return [{ statement: line, message: `${how}${reason}: ${line}`, at }];
    }),
  );
}

/** True where nothing is left of one of the sections. */
export function isAllLeftOut(
  { up, down }: InspectedMigration,
  left: readonly LeftStatement[],
): boolean {
  return [up, down].some(
    (section) =>
      section !== undefined &&
      section.statements.length > 0 &&
      section.statements.every((statement) => left.some((one) => isSame(one, statement))),
  );
}

/** The file was parsed anew to be run. */
function isSame({ statement }: LeftStatement, other: Statement): boolean {
  return statement.start === other.start && statement.text === other.text;
}

const listRoles = "select rolname as name from pg_roles order by rolname";

/**
 * Roles that migrations create and that the server lacks: rights are given to them later. They are
 * bare ones, without login or rights, and dropped again at the end. Those that a DO block or a
 * function has made are told then: they may as well be made by somebody else who runs the same.
 */
export class MissingRoles implements AsyncDisposable {
  readonly #session: Session;
  readonly #events: EventListener;
  readonly #confinement: Confinement;
  readonly #before: readonly string[];
  readonly #made: string[] = [];
  /** Of statements, in which the names of roles may stand. */
  readonly #texts: string[] = [];

  private constructor(
    session: Session,
    events: EventListener,
    confinement: Confinement,
    before: readonly string[],
  ) {
    this.#session = session;
    this.#events = events;
    this.#confinement = confinement;
    this.#before = before;
  }

  /** @param session in the maintenance database. */
  static async begin(
    session: Session,
    events: EventListener,
    confinement: Confinement,
  ): Promise<MissingRoles> {
    const roles = await session.query<{ name: string }>(listRoles);
    return new MissingRoles(
      session,
      events,
      confinement,
      roles.map(({ name }) => name),
    );
  }

  async make(statements: readonly Statement[]): Promise<void> {
    for (const { node, text } of statements) {
      this.#texts.push(text);
      const role = as(node, "CreateRoleStmt")?.role;
      if (role === undefined) continue;
      const [known] = await this.#session.query("select from pg_roles where rolname = $1", [role]);
      if (known) continue;
      await this.#session.query(`create role ${ident(role)}`);
      this.#made.push(role);
      const { oid } = await this.#session.one<{ oid: string }>(
        "select oid::text from pg_roles where rolname = $1",
        [role],
      );
      this.#confinement.own(oid);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#session.isDead) return;
    for (const { name } of await this.#session.settle<{ name: string }>(listRoles)) {
      if (this.#before.includes(name) || this.#made.includes(name)) continue;
      if (!this.#texts.some((text) => text.includes(name))) continue;
      const message = `role \`${name}\`, which a DO block or a function makes, is on the server since the test began and stays: DROP ROLE ${ident(name)};`;
      this.#events({ type: "notice", level: "warning", message });
    }
    for (const role of this.#made) {
      if (this.#session.isDead) return;
      try {
        await this.#session.settle(`drop role if exists ${ident(role)}`);
      } catch (error) {
        if (!isPostgresError(error)) throw error;
        const message = `role \`${role}\`, made for the test, is left on the server: ${error.message}`;
        this.#events({ type: "notice", level: "warning", message });
      }
    }
  }
}
