import { ident } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import { countOf, formatAge, formatCount, formatNames } from "../../db/amount.ts";
import type { Check } from "../check.ts";
import { cannotLook } from "../look.ts";
import listTransactions from "./transactions.sql";

interface TransactionRow {
  readonly pid: number;
  readonly application: string;
  readonly role: string;
  readonly state: string;
  readonly query: string;
  /** Age of the transaction. */
  readonly seconds: number;
  /** Since it does what it does. */
  readonly stateSeconds: number;
  /** Transactions begun since its snapshot; dead rows since then cannot be cleaned away. */
  readonly xminAge: number | null;
  /** Pids that wait for it. */
  readonly blocks: readonly number[];
}

export const transactions: Check = {
  title: "long transactions",
  async look(session, { limits, server }) {
    const rows = await session.query<TransactionRow>(listTransactions, [
      limits.idleTransactionSeconds,
      limits.activeTransactionSeconds,
      limits.blockedSeconds,
    ]);
    const { hidden } = await session.one<{ hidden: number }>(
      `select count(*)::int as hidden from pg_stat_activity
       where datname = current_database() and query = '<insufficient privilege>'`,
    );
    return [
      ...rows.map((row) => judgeTransaction(row)),
      ...(hidden === 0
        ? []
        : [
            cannotLook(
              "long transactions",
              `${countOf(hidden, "session")} of other roles ${hidden === 1 ? "does" : "do"} not show what ${hidden === 1 ? "it does" : "they do"} to ${ident(server.role)}`,
              `let a superuser run \`GRANT pg_monitor TO ${ident(server.role)};\``,
            ),
          ]),
    ];
  },
};

function judgeTransaction(row: TransactionRow): Finding {
  const { pid, application, role, blocks } = row;
  const isIdle = row.state.startsWith("idle in transaction");
  const who = `pid ${pid}${application === "" ? "" : ` (${application})`}, role ${role},`;
  const does = isIdle
    ? `has done nothing for ${formatAge(row.stateSeconds)} in a transaction open for ${formatAge(row.seconds)}`
    : `runs in a transaction open for ${formatAge(row.seconds)}`;
  const blocking =
    blocks.length === 0
      ? ""
      : `; ${countOf(blocks.length, "session")} ${blocks.length === 1 ? "waits" : "wait"} for it (pid ${formatNames(blocks.map(String))})`;
  const holding =
    row.xminAge === null || row.xminAge < 1000
      ? ""
      : `; dead rows of the last ${formatCount(row.xminAge)} transactions cannot be cleaned away`;
  return {
    rule: isIdle ? "doctor/transaction-idle" : "doctor/transaction-long",
    severity: isIdle || blocks.length > 0 ? "warning" : "info",
    message: `${who} ${does}${blocking}${holding}: ${firstWords(row.query)}`,
    object: `pid ${pid}`,
    hint: isIdle
      ? `\`SELECT pg_terminate_backend(${pid});\` ends it and rolls back; \`idle_in_transaction_session_timeout\` does so by itself`
      : `\`SELECT pg_cancel_backend(${pid});\` cancels its statement, \`SELECT pg_terminate_backend(${pid});\` ends the session`,
  };
}

/** The beginning of a query, up to the first quote: what follows may be a personal value. */
function firstWords(query: string): string {
  const start = query.split(/['"$]/, 1)[0] ?? "";
  const words = start.replaceAll(/\s+/g, " ").trim();
  return words.length < query.trim().length || words.length > 60 ? `${words.slice(0, 60)}…` : words;
}
