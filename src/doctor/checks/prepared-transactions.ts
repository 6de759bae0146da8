import { ident, literal } from "../../db/identifier.ts";
import { countOf, formatAge } from "../../db/amount.ts";
import type { Check } from "../check.ts";
import listPrepared from "./prepared-transactions.sql";

interface PreparedRow {
  readonly gid: string;
  readonly owner: string;
  readonly database: string;
  readonly seconds: number;
  /** Relations it holds locks on. */
  readonly tables: number;
}

export const preparedTransactions: Check = {
  title: "prepared transactions",
  async look(session, { limits, server }) {
    const rows = await session.query<PreparedRow>(listPrepared, [
      limits.preparedTransactionSeconds,
    ]);
    return rows.map(({ gid, owner, database, seconds, tables }) => {
      const where = database === server.database ? "" : ` in database ${ident(database)}`;
      return {
        rule: "doctor/prepared-transaction",
        severity: "warning",
        message: `the prepared transaction ${literal(gid)} of ${owner}${where} has waited ${formatAge(seconds)} for COMMIT PREPARED: it holds locks on ${countOf(tables, "relation")}, survives restarts, and keeps dead rows from being cleaned away`,
        object: gid,
        hint: `ask the transaction manager that made it; else${where}, as ${owner} or a superuser: \`ROLLBACK PREPARED ${literal(gid)};\` or \`COMMIT PREPARED ${literal(gid)};\``,
      };
    });
  },
};
