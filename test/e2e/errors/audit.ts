/** The audit log and its undo. */
import { auditLogSql } from "../../support/audit.ts";
import { withMigrations } from "../../support/migration-project.ts";
import { showOn } from "./scene.ts";
import type { Scene } from "./scene.ts";

export const auditLogUnusable: Scene = {
  says: "The table that is named as the log is something else.",
  async play(show) {
    await using project = await withMigrations({});
    await project.sql`create table notes (id int primary key, record_id int, operation text)`;
    await showOn(show, project, ["audit", "log", "--log", "public.notes"]);
  },
};

export const undoRefused: Scene = {
  says: "A row was changed again since the change that is to be undone.",
  async play(show) {
    await using project = await withMigrations({});
    await project.sql.unsafe(`${auditLogSql()};
      create table notes (id int primary key, body text);
      insert into notes values (1, 'third');
      insert into shared.audit_log (table_name, record_id, operation, old_values, new_values)
      values ('public.notes', '1', 'UPDATE', '{"body": "first"}', '{"body": "second"}')`);
    const args = "audit undo --table notes --key 1 --log shared.audit_log".split(" ");
    await showOn(show, project, args);
  },
};
