import { expect, test } from "vitest";
import type { GlobalOptions } from "../../../src/cli/options.ts";
import { chosenPlace, hintWithPlace, repeatPlace, withPlace } from "../../../src/cli/repeat.ts";
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
  repeatPlace(new PgwrightError(code, "m", { hint }), chosenPlace({ ...plain, ...globals })).details
    .hint;

test("a command in a hint means the database of this run", () => {
  const drop = "`pgwright db drop --confirm shop`";
  expect(hintOf({ env: "staging" }, drop, "confirmation-needed")).toBe(
    "`pgwright db drop --confirm shop --env staging`",
  );
  expect(
    hintOf({ url: "postgres://h/my shop", dir: "db/m" }, "run `pgwright migrate`", "sql-failed"),
  ).toBe("run `pgwright migrate --url 'postgres://h/my shop' --dir db/m`");
  expect(hintOf({ embedded: true }, "`pgwright migrate --embedded`", "sql-failed")).toBe(
    "`pgwright migrate --embedded`",
  );
});

test.each([
  ["postgres://app:s3cret@h/shop", "--url postgres://app@h/shop"],
  ["postgres://app:s%40/cret@h,i:5433/shop?sslmode=require", "--url …"],
  ["postgres://app@h/shop?password=s3cret", "--url …"],
  ["host=h password=s3cret", "--url …"],
])("no password of %s is repeated", (url, option) => {
  const [shown] = chosenPlace({ ...plain, url });
  expect(shown).toBe(option);
});

test.each([
  ["pgwright db psql -- -c 'select 1'", "pgwright db psql --env x -- -c 'select 1'"],
  ["pgwright migrate   (shows what changed)", "pgwright migrate --env x   (shows what changed)"],
  ["pgwright init", "pgwright init"],
  ["pgwright migrate --help", "pgwright migrate --help"],
  ["pgwright rollback --env y", "pgwright rollback --env y"],
])("%s", (command, completed) => {
  expect(withPlace(command, ["--env x"])).toBe(completed);
});

test("a hint stays as it is without a command, without options, or where these are wrong", () => {
  const create = "`pgwright db create` creates it";
  expect(hintOf({ url: "x" }, "start the server", "connection-failed")).toBe("start the server");
  expect(hintOf({}, create, "database-missing")).toBe(create);
  const write = "`pgwright config show` tells";
  expect(hintOf({ config: "x.yaml" }, write, "config-not-found")).toBe(write);
});

test("every command in a hint is completed, and nothing else", () => {
  expect(hintWithPlace("`pgwright a`; or `git pull` and `pgwright b`", ["--env x"])).toBe(
    "`pgwright a --env x`; or `git pull` and `pgwright b --env x`",
  );
});
