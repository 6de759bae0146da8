/** What `new --partition` is asked for. */
import { PgwrightError } from "../../../errors.ts";
import type { Every } from "../periods.ts";
import { isTimeZone, periodKinds } from "../periods.ts";
import type { Span } from "../span.ts";
import { parseSpan } from "../span.ts";

export interface AdoptRequest {
  /** As typed: `app.posts`, quoted where PostgreSQL wants it. */
  readonly table: string;
  /** The column that decides the partition. */
  readonly column: string;
  readonly every: Every;
  readonly timeZone: string;
  readonly horizon: Span;
  readonly hasDefault: boolean;
}

/** The options as typed. */
export interface AdoptOptions {
  readonly table: string;
  readonly by: string | undefined;
  readonly every: string | undefined;
  readonly horizon: string | undefined;
  readonly timeZone: string | undefined;
  readonly hasDefault: boolean;
}

/** @throws PgwrightError `usage` for an option that is missing or makes no sense. */
export function readRequest(options: AdoptOptions): AdoptRequest {
  const { by = "", every = "month", horizon = "90d", timeZone = "UTC" } = options;
  const [, column] = /^range:(.+)$/s.exec(by) ?? [];
  if (column === undefined) {
    throw usage(
      by === "" ? "`--partition` needs `--by`" : `\`--by ${by}\` is not \`range:<column>\``,
      "--by range:created_at; only a range of time can take a filled table as its first partition",
    );
  }
  const kind = periodKinds.find((one) => one === every);
  if (!kind) throw usage(`\`--every ${every}\` is unknown`, `one of ${periodKinds.join(", ")}`);
  if (!isTimeZone(timeZone)) {
    throw usage(`\`--time-zone ${timeZone}\` is no time zone`, "a name such as Europe/Berlin");
  }
  const span = parseSpan(horizon);
  if ("mistake" in span) throw usage(`\`--horizon ${horizon}\` ${span.mistake}`, "--horizon 3mo");
  return {
    table: options.table,
    column,
    every: kind,
    timeZone,
    horizon: span,
    hasDefault: options.hasDefault,
  };
}

function usage(message: string, hint: string): PgwrightError {
  return new PgwrightError("usage", message, { hint });
}
