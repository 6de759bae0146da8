import { literal } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import { formatAge, formatBytes } from "../../db/amount.ts";
import type { Check, CheckContext } from "../check.ts";
import { valueOf } from "../settings.ts";
import listSlots from "./slots.sql";

interface SlotRow {
  readonly name: string;
  /** "physical" or "logical" */
  readonly type: string;
  readonly database: string;
  /** "reserved", "extended", "unreserved", "lost"; null where it keeps none. */
  readonly walStatus: string | null;
  readonly isActive: boolean;
  readonly keepsWal: boolean;
  readonly bytes: number | null;
  readonly reason: string | null;
  /** Known on 17 and later. */
  readonly inactiveSeconds: number | null;
}

export const slots: Check = {
  title: "replication slots",
  async look(session, context) {
    const rows = await session.query<SlotRow>(listSlots);
    return rows.map((row) => judgeSlot(row, context));
  },
};

function judgeSlot(slot: SlotRow, { limits, settings }: CheckContext): Finding {
  const { name } = slot;
  const what = `the ${slot.type} slot ${name}${slot.database === "" ? "" : ` of database ${slot.database}`}`;
  const drop = `\`SELECT pg_drop_replication_slot(${literal(name)});\``;
  if (slot.walStatus === "lost") {
    return {
      rule: "doctor/slot-lost",
      severity: "error",
      message: `${what} is lost${slot.reason === null ? "" : ` (${slot.reason})`}: the WAL that its consumer needs is gone`,
      object: name,
      hint: `${drop} and set its consumer up anew`,
    };
  }
  if (!slot.keepsWal) {
    return {
      rule: "doctor/slot-unused",
      severity: "info",
      message: `${what} was never used: it keeps no WAL yet`,
      object: name,
      hint: `if nobody wants it: ${drop}`,
    };
  }
  const idle =
    slot.inactiveSeconds === null
      ? "is used by nobody"
      : `has been used by nobody for ${formatAge(slot.inactiveSeconds)}`;
  const keeps = formatBytes(slot.bytes ?? 0);
  if (slot.walStatus === "unreserved") {
    return {
      rule: "doctor/slot-lagging",
      severity: "error",
      message: `${what} needs ${keeps} of WAL, more than max_slot_wal_keep_size: it is lost at the next checkpoint`,
      object: name,
      hint: "bring its consumer back now, or raise the limit: `ALTER SYSTEM SET max_slot_wal_keep_size = …;` then `SELECT pg_reload_conf();`",
    };
  }
  const isEndless = valueOf(settings, "max_slot_wal_keep_size") === "-1";
  return {
    rule: "doctor/slot-inactive",
    severity: (slot.bytes ?? 0) >= limits.slotRetentionBytes ? "error" : "warning",
    message: `${what} ${idle} and keeps ${keeps} of WAL${isEndless ? ", which grows until the disk is full" : ""}`,
    object: name,
    hint: `bring its consumer back, or, if it is gone for good: ${drop}`,
  };
}
