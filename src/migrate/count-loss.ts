/** How many rows or values would be lost, and how that is said. */
import type { PostgresError, Session } from "../db/session.ts";
import { hasSqlState, isPostgresError } from "../db/session.ts";
import type { Conversion, LossVerb, Suspect } from "./suspect.ts";
import measureTable from "./table-size.sql";

/** One table or column whose content would be gone. */
export interface Loss {
  /** "runs" is for code that says it takes something. */
  readonly verb: LossVerb | "runs";
  /** "user_service.users" or "user_service.users.middle_name". */
  readonly object: string;
  /** "ON DELETE CASCADE", where no statement names it. */
  readonly by?: string;
  /** Rows with a value; null when they could not be counted. */
  readonly rows: number | null;
  /** True when there are more rows than were counted. */
  readonly isMore: boolean;
  /** Why they could not be counted. */
  readonly why?: string;
  /** Why they could not be kept, where they should be. */
  readonly notKept?: string;
}

/** Rows beyond this number are not counted: the answer is "many". */
const countLimit = 100_000;
/** A large table is searched for rows or values no longer than this. */
export const countMs = 3_000;

export interface Count {
  /** Nothing is lost as far as can be seen now when there is none. */
  readonly loss?: Loss;
  readonly isProvenBySize: boolean;
}

/** Counts up to the limit; what cannot be counted is a loss of unknown size. */
export async function countLoss(session: Session, suspect: Suspect): Promise<Count> {
  const { verb, object, conversion } = suspect;
  const by = suspect.by === undefined ? {} : { by: suspect.by };
  if (suspect.untold !== undefined) {
    const why = `not counted: ${suspect.untold}`;
    return { loss: { verb, object, rows: null, isMore: false, why }, isProvenBySize: false };
  }
  const exact = await countRows(session, suspect.rows);
  const found =
    suspect.atMost !== undefined && typeof exact !== "number" && isUnknownName(exact)
      ? await countRows(session, suspect.atMost)
      : exact;
  const count =
    conversion && typeof found !== "number"
      ? await judgeConversion(session, conversion, found)
      : found;
  if (count === 0) return { isProvenBySize: false };
  if (typeof count === "number") {
    const rows = Math.min(count, countLimit);
    return {
      loss: { verb, object, ...by, rows, isMore: count > countLimit },
      isProvenBySize: false,
    };
  }
  // Rows that may not be read, or a table that is locked: a table without a page has none.
  if (!suspect.isForeign) {
    const { bytes } = await session.one<{ bytes: string }>(measureTable, [suspect.table]);
    if (bytes === "0") return { isProvenBySize: true };
  }
  const why = reasonFor(count);
  return { loss: { verb, object, ...by, rows: null, isMore: false, why }, isProvenBySize: false };
}

/** The number of rows, up to one beyond the limit, or why the server did not count them. */
async function countRows(session: Session, rows: string): Promise<number | PostgresError> {
  await session.query("savepoint counting");
  try {
    const counted = await session.one<{ rows: string }>(
      `select count(*)::text as rows from (${rows}\nlimit ${countLimit + 1}) counted`,
    );
    await session.query("release savepoint counting");
    return Number(counted.rows);
  } catch (error) {
    if (!isPostgresError(error)) throw error;
    await session.settle("rollback to savepoint counting");
    return error;
  }
}

/**
 * What it means that the round trip through the new type failed. Where the values cannot even
 * become the new type, the statement fails too and loses nothing. Where there is no cast back, only
 * values that become null are known to be lost. What is a matter of types, tables or functions that
 * an earlier statement of the rollback makes is left to the guard.
 */
async function judgeConversion(
  session: Session,
  { nulls }: Conversion,
  error: PostgresError,
): Promise<number | PostgresError> {
  if (isUnknownName(error)) return 0;
  if (!failsToConvert(error)) return error;
  const count = await countRows(session, nulls);
  if (typeof count !== "number") return failsToConvert(count) ? 0 : count;
  return count === 0 && error.code !== "42846" ? error : count;
}

/** 42846 says that there is no cast; class 22, that a value cannot be converted. */
function failsToConvert({ code }: PostgresError): boolean {
  return code === "42846" || code.startsWith("22");
}

/** Undefined table, column, function or type. */
function isUnknownName({ code }: PostgresError): boolean {
  return /^42(?:P01|703|883|704)$/.test(code);
}

function reasonFor(error: PostgresError): string {
  if (hasSqlState(error, "57014")) return `not counted within ${countMs / 1000} s`;
  if (hasSqlState(error, "55P03")) return "not counted: the table is locked";
  // Among others 42501, a missing SELECT or row level security that would hide rows, and names
  // that an earlier statement of the rollback creates.
  return `not counted: ${error.message}`;
}

/** A loss in words that follow the name of a file: "drops app.users: more than 100,000 rows". */
export function describeLoss({ verb, object, by, rows, isMore, why, notKept }: Loss): string {
  const cause = by === undefined ? "" : ` (${by})`;
  const reason = `${cause}${notKept === undefined ? "" : `, which cannot be kept: ${notKept}`}`;
  if (rows === null) return `${verb} ${object}: ${why}${reason}`;
  const count = rows.toLocaleString("en-US");
  return `${verb} ${object}: ${isMore ? "more than " : ""}${count} ${rows === 1 ? "row" : "rows"}${reason}`;
}
