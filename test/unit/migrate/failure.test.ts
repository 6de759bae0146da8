import { expect, test } from "vitest";
import type { PgwrightError } from "../../../src/errors.ts";
import { describeFailure } from "../../../src/migrate/failure.ts";

function hintOf(code: string, message: string, statementTimeoutMs: number) {
  const error = Object.assign(new Error(message), { name: "PostgresError", code });
  const section = { text: "select 1;\n", line: 1, transaction: true };
  const failure = {
    statement: undefined,
    at: undefined,
    kept: 0,
    isOnline: false,
    left: undefined,
    batches: undefined,
    lost: undefined,
    total: 1,
    error,
  };
  const described = describeFailure(
    failure,
    { title: "005_s.sql", file: undefined, section },
    {
      direction: "up",
      finished: [],
      notAttempted: [],
      committed: 0,
      statementTimeoutMs,
      result: {},
    },
  );
  return (described as PgwrightError).details.hint;
}

const timeout = "canceling statement due to statement timeout";
const request = "canceling statement due to user request";
const again = "run `pgwright migrate` again";

test.each([
  [
    "57014",
    timeout,
    5000,
    `--statement-timeout is 5 s: ${again} with a longer one, or with 0 for no limit`,
  ],
  [
    "57014",
    timeout,
    300,
    `--statement-timeout is 300 ms: ${again} with a longer one, or with 0 for no limit`,
  ],
  [
    "57014",
    timeout,
    0,
    `--statement-timeout is not set, so it was set in the migration itself: raise it there, and ${again}`,
  ],
  ["57014", request, 0, `somebody cancelled it (pg_cancel_backend): ${again}`],
  [
    "57014",
    "storniere Anfrage wegen Zeitüberschreitung",
    5000,
    `--statement-timeout is 5 s: ${again} with a longer one, or with 0 for no limit, unless somebody cancelled it`,
  ],
  ["42P01", "relation does not exist", 5000, `correct 005_s.sql and ${again}`],
])("%s %s, limit %i: the hint says what to do", (code, message, limitMs, hint) => {
  expect(hintOf(code, message, limitMs)).toBe(hint);
});
