/** Statements that do at once, outside of every transaction, what no rollback takes back. */
import { readPieces } from "../db/lexer.ts";
import type { Statement } from "../db/script.ts";
import { isClientCopy } from "../db/script.ts";
import { as, findNodes, stringsOf, valuesOf } from "../db/tree.ts";

/** Functions of the server and its own extensions that reach beyond the database they are called in. */
const reaching: ReadonlySet<string> = new Set([
  "pg_create_physical_replication_slot",
  "pg_create_logical_replication_slot",
  "pg_copy_physical_replication_slot",
  "pg_copy_logical_replication_slot",
  "pg_drop_replication_slot",
  "pg_replication_slot_advance",
  "pg_sync_replication_slots",
  "pg_logical_slot_get_changes",
  "pg_logical_slot_get_binary_changes",
  "pg_replication_origin_create",
  "pg_replication_origin_drop",
  "pg_replication_origin_advance",
  "pg_replication_origin_session_setup",
  "pg_replication_origin_xact_setup",
  "pg_terminate_backend",
  "pg_cancel_backend",
  "pg_reload_conf",
  "pg_rotate_logfile",
  "pg_promote",
  "pg_switch_wal",
  "pg_create_restore_point",
  "pg_backup_start",
  "pg_backup_stop",
  "pg_wal_replay_pause",
  "pg_wal_replay_resume",
  "pg_stat_reset_shared",
  "pg_stat_reset_slru",
  "pg_stat_reset_replication_slot",
  "pg_stat_reset_subscription_stats",
  "pg_stat_statements_reset",
  "pg_file_write",
  "pg_file_sync",
  "pg_file_rename",
  "pg_file_unlink",
  "lo_export",
  "dblink",
  "dblink_exec",
  "dblink_send_query",
]);

/** What runs when it is given; a view or a function that is made only says what it would do. */
const running: ReadonlySet<string> = new Set([
  "SelectStmt",
  "InsertStmt",
  "UpdateStmt",
  "DeleteStmt",
  "MergeStmt",
  "CallStmt",
  "CopyStmt",
  "CreateTableAsStmt",
  "ExplainStmt",
  "ExecuteStmt",
]);

/** True for what can call functions that change anything; the rest is DDL. */
export function runsCode({ kind }: Statement): boolean {
  return kind === "DoStmt" || running.has(kind);
}

/**
 * Knows the statements, in their order, that call such a function or have the server write a file or
 * run a program; also by a function that an earlier one has made, as far as its body names it.
 */
export class BeyondCalls {
  /** Functions of the files whose bodies do so. */
  readonly #routines = new Set<string>();

  /** True for a statement that does so when it runs. */
  has(statement: Statement): boolean {
    const { kind, node } = statement;
    const made = as(node, "CreateFunctionStmt");
    if (made) {
      const name = stringsOf(made.funcname).at(-1);
      const isReaching =
        this.#inBody(bodyOf(made.options)) || (made.sql_body && this.#inTree(made.sql_body));
      if (name !== undefined && isReaching) this.#routines.add(name);
      return false;
    }
    const block = as(node, "DoStmt");
    if (block) return this.#inBody(bodyOf(block.args));
    if (!running.has(kind)) return false;
    const copies = findNodes(node, "CopyStmt");
    return copies.some(writesOutside) || this.#inTree(node);
  }

  #inTree(tree: unknown): boolean {
    return findNodes(tree, "FuncCall").some(({ funcname }) =>
      this.#reaches(stringsOf(funcname).at(-1) ?? ""),
    );
  }

  #inBody(body: string): boolean {
    const code = withoutComments(body);
    const calls = code.matchAll(called);
    return (
      [...calls].some(([, name = ""]) => this.#reaches(name.toLowerCase())) ||
      copiesOutside.test(code)
    );
  }

  #reaches(name: string): boolean {
    return reaching.has(name) || this.#routines.has(name);
  }
}

/** A name with a parenthesis behind it, but for that of a table whose columns follow. */
const called =
  /(?<!\b(?:table|exists|into|on|references|type)\s+(?:[\p{L}\p{N}_$"]+\.)?"?)(?<![\p{L}\p{N}_$])([\p{L}_][\p{L}\p{N}_$]*)"?\s*\(/giu;

function writesOutside(copy: Parameters<typeof isClientCopy>[0]): boolean {
  return !isClientCopy(copy) && (copy.is_from !== true || copy.is_program === true);
}

// In the body of a function it may be put together from pieces.
const copiesOutside = /\bcopy\b[^;]*?\b(?:program\b|to\s+(?:e?'|\$\d|%))/i;

/** What a body has to say to change roles, databases, tablespaces or settings of the server. */
const concernsServer =
  /\b(?:create|alter|drop|on)\s+(?:role|user|group|database|tablespace|subscription|parameter)\b|\balter\s+system\b|\b(?:grant|revoke)\b(?![^;]*\bon\b)/i;

export function speaksOfServer(body: string): boolean {
  return concernsServer.test(withoutComments(body));
}

function withoutComments(body: string): string {
  return readPieces(body)
    .filter(({ kind }) => kind !== "comment" && kind !== "block-comment")
    .map(({ start, end }) => body.slice(start, end))
    .join("\n");
}

/** The text of a DO block or a function. */
export function bodyOf(options: Parameters<typeof findNodes>[0]): string {
  return findNodes(options, "DefElem")
    .filter(({ defname }) => defname === "as")
    .flatMap(({ arg }) => valuesOf(arg, "sval"))
    .join("\n");
}
