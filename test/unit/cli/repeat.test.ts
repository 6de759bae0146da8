import { expect, test } from "vitest";
import type { GlobalOptions } from "../../../src/cli/options.ts";
import { sayToRepeat } from "../../../src/cli/repeat.ts";
import { PgwrightError, type ErrorCode } from "../../../src/errors.ts";

const plain: GlobalOptions = {
  format: "text",
  quiet: false,
  verbose: false,
  yes: false,
  wait: 0,
  color: true,
};

const hintOf = (globals: Partial<GlobalOptions>, hint: string, code: ErrorCode) =>
  sayToRepeat(new PgwrightError(code, "m", { hint }), { ...plain, ...globals }).details.hint;

const create = "`pgwright db create` creates it";

test("a hint with a command says which options belong to it, and no value of them", () => {
  const url = "postgres://app:secret@h/shop";
  expect(hintOf({ url }, create, "database-missing")).toBe(`${create} (with the same --url)`);
  expect(hintOf({ env: "staging", dir: "db" }, create, "database-missing")).toBe(
    `${create} (with the same --env and --dir)`,
  );
  expect(hintOf({ url }, "`pgwright db drop --confirm shop`", "confirmation-needed")).toContain(
    "(with the same --url)",
  );
});

test("a hint stays as it is without a command, without options, or where these are wrong", () => {
  expect(hintOf({ url: "x" }, "start the server", "connection-failed")).toBe("start the server");
  expect(hintOf({}, create, "database-missing")).toBe(create);
  const init = "`pgwright init` writes a new one";
  expect(hintOf({ config: "x.yaml" }, init, "config-not-found")).toBe(init);
});
