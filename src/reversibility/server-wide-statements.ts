/** Statements of migrations that reach beyond a throwaway database: they are left out, and told. */
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { isPostgresError } from "../db/session.ts";
import type { Statement } from "../db/script.ts";
import { as } from "../db/tree.ts";
import type { EventListener } from "../events.ts";
import { firstLine } from "../migrate/journal.ts";
import type { LeaveOut } from "../migrate/migrate.ts";
import { isServerWide } from "../migrate/server-wide.ts";

/** Leaves them out, and says so once for each. */
export function leavingOut(events: EventListener): LeaveOut {
  const told = new Set<string>();
  return (statement, file) => {
    if (!isServerWide(statement)) return false;
    const message = `${file}: left out, because it reaches beyond a throwaway database: ${firstLine(statement.text)}`;
    if (!told.has(message)) events({ type: "notice", level: "warning", message });
    told.add(message);
    return true;
  };
}

/**
 * Roles that migrations create and that the server lacks: rights are given to them later. They are
 * bare ones, without login or rights, and dropped again at the end.
 */
export class MissingRoles implements AsyncDisposable {
  readonly #session: Session;
  readonly #events: EventListener;
  readonly #made: string[] = [];

  /** @param session in the maintenance database. */
  constructor(session: Session, events: EventListener) {
    this.#session = session;
    this.#events = events;
  }

  async make(statements: readonly Statement[]): Promise<void> {
    for (const { node } of statements) {
      const role = as(node, "CreateRoleStmt")?.role;
      if (role === undefined) continue;
      const [known] = await this.#session.query("select from pg_roles where rolname = $1", [role]);
      if (known) continue;
      await this.#session.query(`create role ${ident(role)}`);
      this.#made.push(role);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
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
