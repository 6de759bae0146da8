/** Statements of migrations that reach beyond a throwaway database: they are left out, and told. */
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { isPostgresError } from "../db/session.ts";
import type { Statement } from "../db/script.ts";
import { as } from "../db/tree.ts";
import type { Location } from "../errors.ts";
import type { EventListener } from "../events.ts";
import type { MigrationFile } from "../migrate/file.ts";
import { locate } from "../migrate/file.ts";
import type { ParsedSection } from "../migrate/inspect.ts";
import { firstLine } from "../migrate/journal.ts";
import type { LeaveOut } from "../migrate/migrate.ts";
import { isServerWide } from "../migrate/server-wide.ts";

/** One of a migration that is tried. */
export interface LeftOut {
  /** Its first line. */
  readonly statement: string;
  readonly at: Location | undefined;
}

export function listLeftOut(
  file: MigrationFile,
  { statements, section }: ParsedSection,
): readonly LeftOut[] {
  return statements.filter(isServerWide).map(({ text, start }) => ({
    statement: firstLine(text),
    at: locate(file, section, start),
  }));
}

/** True of a section of which nothing is left. */
export function isAllLeftOut({ statements }: ParsedSection): boolean {
  return statements.length > 0 && statements.every(isServerWide);
}

/** Leaves them out, and says so once for each, but in files that have findings for it. */
export function leavingOut(events: EventListener, tried: ReadonlySet<string>): LeaveOut {
  const told = new Set<string>();
  return (statement, file) => {
    if (!isServerWide(statement)) return false;
    if (tried.has(file)) return true;
    const message = `${file}: left out, because it reaches beyond a throwaway database: ${firstLine(statement.text)}`;
    if (!told.has(message)) events({ type: "notice", level: "warning", message });
    told.add(message);
    return true;
  };
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
  readonly #before: readonly string[];
  readonly #made: string[] = [];
  /** Of statements, in which the names of roles may stand. */
  readonly #texts: string[] = [];

  private constructor(session: Session, events: EventListener, before: readonly string[]) {
    this.#session = session;
    this.#events = events;
    this.#before = before;
  }

  /** @param session in the maintenance database. */
  static async begin(session: Session, events: EventListener): Promise<MissingRoles> {
    const roles = await session.query<{ name: string }>(listRoles);
    return new MissingRoles(
      session,
      events,
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
