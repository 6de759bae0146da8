/** Columns that a seed file says something about, and places inside JSON documents. */
import { countNamed } from "../counter.ts";
import { Draw } from "../draw.ts";
import { keyOf } from "../hash.ts";
import type { Spec } from "../request.ts";
import type { TableRows } from "../rows.ts";
import { Impossible, type Made, type Scope } from "../scope.ts";
import { textGenerators } from "./text.ts";
import { showTime } from "./time.ts";

/** @throws Impossible when the column cannot be filled so. */
export function makeSpec(scope: Scope, spec: Spec, rows: TableRows): Made {
  if (spec.kind === "count") return countNamed(rows, scope.column, spec.table);
  if (scope.isUnique && spec.kind !== "generator") return makeEachOnce(scope, spec);
  const isJson = ["json", "jsonb"].includes(scope.type.name);
  if (spec.kind === "days") return makeDays(scope, spec);
  const value = valueOf(scope, spec, rows, []);
  const text = (row: number) => showValue(value(row), isJson);
  const isNumber =
    spec.kind === "range" || (spec.kind === "constant" && typeof spec.value === "number");
  return {
    text,
    number: isNumber ? (row) => Number(value(row)) : undefined,
    how: describe(spec),
  };
}

/** A value of a seed file as COPY sends it, before escaping. */
export function showValue(value: unknown, isJson: boolean): string | null {
  if (isJson) return JSON.stringify(value);
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  return typeof value === "object" ? JSON.stringify(value) : `${value as number}`;
}

/** A unique column takes each value of a list or a range once, so there are no more rows than those. */
function makeEachOnce(scope: Scope, spec: Spec): Made {
  const { draw } = scope;
  const how = `${describe(spec)}, each once`;
  if (spec.kind === "range") {
    const factor = 10 ** spec.digits;
    const capacity = Math.round((spec.max - spec.min) * factor) + 1;
    const number = (row: number) =>
      Math.round(spec.min * factor + draw.place(row % capacity, capacity)) / factor;
    return { text: (row) => `${number(row)}`, number, how, capacity };
  }
  const values =
    spec.kind === "constant"
      ? [showValue(spec.value, false)]
      : spec.kind === "weights"
        ? [...new Set(spec.values)]
        : [];
  const capacity = values.length;
  if (capacity === 0) {
    throw new Impossible("its values must all differ, which only a generator of such values does");
  }
  return { text: (row) => values[draw.place(row % capacity, capacity)] ?? null, how, capacity };
}

/** Of a list, so that no two rows share a number of a member. */
const mostMembers = 64;

type Value = (row: number) => unknown;

/** `path` names the place inside the document: each has a hash of its own. */
function valueOf(
  scope: Scope,
  spec: Spec,
  rows: TableRows,
  path: readonly string[],
  perRow = 1,
): Value {
  const draw =
    path.length === 0
      ? scope.draw
      : new Draw(
          keyOf(rows.world.request.seed, rows.name, scope.column.name, ...path),
          rows.redraws.of(scope.column.name),
          perRow,
        );
  switch (spec.kind) {
    case "constant":
      return () => spec.value;
    case "weights": {
      const total = spec.upTo.at(-1) ?? 1;
      return (row) => {
        const wanted = draw.unit(row) * total;
        const at = spec.upTo.findIndex((sum) => wanted < sum);
        return spec.values[at] ?? null;
      };
    }
    case "range": {
      const factor = 10 ** spec.digits;
      const steps = Math.round((spec.max - spec.min) * factor) + 1;
      return (row) => Math.round(spec.min * factor + draw.below(steps, row)) / factor;
    }
    case "generator": {
      const generator = textGenerators.find(({ name }) => name === spec.name);
      if (!generator) throw new Impossible(`there is no generator called ${spec.name}`);
      if (scope.isUnique && generator.isUnique !== true) {
        throw new Impossible(`its values must all differ, and ${spec.name} repeats`);
      }
      const most =
        ["varchar", "bpchar"].includes(scope.type.name) && scope.modifier > 4
          ? scope.modifier - 4
          : Infinity;
      const make = generator.make({ ...scope, draw });
      return (row) => make(row).slice(0, most);
    }
    case "object": {
      const members = Object.entries(spec.members).map(
        ([name, member]) => [name, valueOf(scope, member, rows, [...path, name], perRow)] as const,
      );
      return (row) => Object.fromEntries(members.map(([name, member]) => [name, member(row)]));
    }
    case "list": {
      const member = valueOf(scope, spec.of, rows, [...path, "[]"], perRow * mostMembers);
      return (row) => {
        const count = spec.min + draw.below(spec.max - spec.min + 1, row, 99);
        const all = Array.from({ length: count }, (_, n) => member(row * mostMembers + n));
        return spec.of.kind === "weights" ? [...new Set(all)] : all;
      };
    }
    case "days": {
      const { now } = scope;
      return (row) =>
        showTime(now + 86_400 * (spec.min + draw.below(spec.max - spec.min + 1, row)), "date");
    }
    case "count":
      throw new Impossible("a count stands in a column of its own");
  }
}

function makeDays(scope: Scope, spec: Spec & { kind: "days" }): Made {
  const { draw, now, type } = scope;
  const seconds = (row: number) =>
    now + Math.floor(86_400 * (spec.min + draw.unit(row) * (spec.max - spec.min)));
  return {
    number: seconds,
    text: (row) => showTime(seconds(row), type.name),
    how: `${spec.min} to ${spec.max} days from the reference date`,
  };
}

function describe(spec: Spec): string {
  switch (spec.kind) {
    case "constant":
      return "a constant";
    case "weights":
      return `one of ${spec.values.length} values`;
    case "range":
      return `${spec.min} to ${spec.max}`;
    case "generator":
      return spec.name;
    case "object":
      return "a document";
    case "list":
      return `lists of ${spec.min} to ${spec.max}`;
    case "count":
      return `how many ${spec.table} there are`;
    case "days":
      return "days";
  }
}
