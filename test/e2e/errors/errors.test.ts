/**
 * Every error of the catalogue, provoked through the built command line and held against
 * `test/e2e/transcripts/<code>.txt`: what was typed, the exit status, stdout and stderr, as text
 * and as JSON. `vitest run test/e2e/errors -u` writes them anew; the changes are to be read.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type ErrorCode, errorCatalogue } from "../../../src/errors.ts";
import { hasPooler } from "../../support/pooler.ts";
import * as audit from "./audit.ts";
import * as copy from "./copy.ts";
import * as connection from "./connection.ts";
import * as insight from "./insight.ts";
import * as ledger from "./ledger.ts";
import * as matviews from "./matviews.ts";
import * as masking from "./masking.ts";
import * as migrate from "./migrate.ts";
import * as policies from "./policies.ts";
import * as seed from "./seed.ts";
import { play, type Scene } from "./scene.ts";
import * as testdb from "./testdb.ts";
import * as usage from "./usage.ts";
import * as verify from "./verify.ts";

/** Errors of features that are not there yet. Nothing else belongs here, and nothing in the end. */
const pendingCodes: readonly ErrorCode[] = [];

/** One scene for each code: a name in camel case is the code with dashes. */
const scenes: readonly (readonly [ErrorCode, Scene])[] = Object.entries({
  ...usage,
  ...verify,
  ...connection,
  ...migrate,
  ...ledger,
  ...matviews,
  ...policies,
  ...audit,
  ...seed,
  ...masking,
  ...testdb,
  ...copy,
  ...insight,
}).map(([name, scene]) => [
  name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) as ErrorCode,
  scene,
]);

test("every code has a scene and a transcript, and none is there for nothing", () => {
  const codes = Object.keys(errorCatalogue).filter((code) => !pendingCodes.includes(code as never));
  expect(scenes.map(([code]) => code).sort()).toEqual(codes.sort());
  const files = readdirSync(join(import.meta.dirname, "..", "transcripts"));
  expect(files.sort()).toEqual(codes.map((code) => `${code}.txt`).sort());
});

test("no code is pending", () => {
  expect(pendingCodes).toEqual([]);
});

// The one that needs a program which npm does not bring.
const playable = scenes.filter(([code]) => code !== "pooler-refused" || hasPooler);
if (!hasPooler)
  console.warn("SKIPPED: pgbouncer is not installed, so pooler-refused is not tested");

test.concurrent.for(playable)("%s", async ([code, scene], { expect }) => {
  const { exit } = errorCatalogue[code];
  const { text, json, transcript } = await play(scene);
  expect.soft(text.stderr).toContain(`error[${code}]: `);
  expect.soft(text.stdout).toBe("");
  expect.soft(text.code).toBe(exit);
  expect.soft(JSON.parse(json.stdout)).toMatchObject({
    ok: false,
    exitCode: exit,
    error: { code, message: expect.any(String) },
  });
  expect.soft(json.stderr).not.toContain("error[");
  expect.soft(json.code).toBe(exit);
  await expect(transcript).toMatchFileSnapshot(`../transcripts/${code}.txt`);
});
