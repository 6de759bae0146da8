/** The value of a column by its type: the one place where types meet generators. */
import { allowed, withoutDomains } from "../choices.ts";
import type { Type } from "../catalog.ts";
import { countOut, readPattern } from "../pattern.ts";
import { Impossible, type Made, type Scope } from "../scope.ts";
import { lengthOf } from "./length.ts";
import { makeNumber, numberTypes } from "./number.ts";
import { makeJson } from "./json.ts";
import { makeRange } from "./range.ts";
import { capacityOfPlain, plainTypes } from "./plain-types.ts";
import { textGenerators } from "./text.ts";
import { makeTime, timeTypes } from "./time.ts";
import { capital } from "./words.ts";
import { showWhole } from "./whole.ts";

const textTypes = new Set(["text", "varchar", "bpchar", "citext", "name", "char"]);

/** @throws Impossible when the type is not known, or its checks leave nothing. */
export function makeValue(scope: Scope): Made {
  const { type, rule } = scope;
  if (type.kind === "d") return makeValue(resolveDomain(scope));
  if (rule.values) return makeChoice(scope, rule.values, "values of its check");
  if (type.kind === "e") return makeChoice(scope, type.labels ?? [], "labels of its type");
  if (type.kind === "r" || type.kind === "m") return makeRange(scope);
  if (type.element !== null) return makeArray(scope, type.element);
  if (type.kind === "c") return makeComposite(scope);
  if (type.name === "bool") return makeBoolean(scope);
  if (numberTypes.has(type.name)) return makeNumber(scope);
  if (timeTypes.has(type.name)) return makeTime(scope);
  if (textTypes.has(type.name)) return makeText(scope);
  if (type.name === "json" || type.name === "jsonb") {
    return makeJson(scope);
  }
  const maker = plainTypes[type.name];
  if (maker) return { text: maker(scope), how: type.name, capacity: capacityOfPlain(scope) };
  throw new Impossible(`there is no generator for type ${type.typeName}`);
}

function resolveDomain(scope: Scope): Scope {
  const bare = withoutDomains(scope, scope.types, scope.now);
  if (!bare) throw new Impossible(`the type ${scope.type.typeName} could not be read`);
  return { ...scope, ...bare };
}

function makeChoice(scope: Scope, all: readonly string[], how: string): Made {
  const { draw, isUnique, person, words, plainName } = scope;
  const values = allowed(all, scope.rule);
  if (values.length === 0) throw new Impossible("its checks leave no value");
  const capacity = values.length;
  if (isUnique) {
    return {
      text: (row) => values[draw.place(row % capacity, capacity)] ?? null,
      how,
      capacity,
    };
  }
  // A gender agrees with the first name of the row.
  const agrees =
    /^(gender|sex)$/.test(plainName) && values.includes("female") && values.includes("male");
  const gender = textGenerators
    .find(({ name }) => name === "gender")
    ?.make({ ...scope, person, words });
  const neither = values.filter((value) => value !== "female" && value !== "male");
  const text = (row: number) => {
    if (!agrees || !gender) return draw.pick(values, row);
    return neither.length > 0 && draw.unit(row, 5) < 0.05 ? draw.pick(neither, row) : gender(row);
  };
  const number = values.every((value) => /^-?\d+(\.\d+)?$/.test(value))
    ? (row: number) => Number(text(row))
    : undefined;
  return { text, number, how: agrees ? "gender of the person" : how };
}

function makeBoolean(scope: Scope): Made {
  const { draw, isUnique, plainName } = scope;
  const share = /active|enabled|public|verified|valid|available|visible/.test(plainName)
    ? 0.85
    : /deleted|archived|blocked|banned|locked|template|hidden|disabled|admin/.test(plainName)
      ? 0.1
      : 0.5;
  const text = (row: number) =>
    (isUnique ? draw.place(row % 2, 2) === 1 : draw.unit(row) < share) ? "t" : "f";
  return {
    text,
    how: `true for ${share * 100} %`,
    capacity: isUnique ? 2 : undefined,
  };
}

function makeText(scope: Scope): Made {
  const { rule, draw, plainName, tableName, isUnique } = scope;
  const most = lengthOf(scope);
  if (most < (rule.minLength ?? 0)) throw new Impossible("its checks leave no length between them");
  const pattern = rule.pattern === undefined ? undefined : readPattern(rule.pattern);
  const fitting = textGenerators.find(
    ({ fits, tables }) => fits.test(plainName) && (tables?.test(tableName) ?? true),
  );
  // Two letters of a country are its code, not the beginning of its name.
  const generator =
    fitting?.name === "country" && most <= 3
      ? textGenerators.find(({ name }) => name === "country code")
      : fitting;
  const natural = generator?.make(scope) ?? ((row: number) => `text ${row}`);
  if (
    pattern &&
    !naturalFits(natural, rule.pattern ?? "", most, isUnique && !generator?.isUnique)
  ) {
    if (isUnique) {
      const { capacity, text } = countOut(pattern);
      return {
        text: (row) => text(draw.place(scope.serial(row) % capacity, capacity)),
        how: `texts like ${rule.pattern}, each once`,
        capacity,
      };
    }
    return {
      text: (row) => {
        let salt = 0;
        return pattern((count) => draw.below(count, row, (salt += 1)));
      },
      how: `texts like ${rule.pattern}`,
    };
  }
  const cased = (text: string) =>
    rule.letterCase === "upper"
      ? text.toUpperCase()
      : rule.letterCase === "lower"
        ? text.toLowerCase()
        : text;
  const least = rule.minLength ?? 0;
  const fill = (text: string) => {
    let long = text;
    while (long.length < least) long += ` ${capital(draw.pick(scope.words.noun, long.length))}`;
    return cut(long, Math.max(least, most));
  };
  const how = generator?.name ?? "text";
  const { isPlain } = scope.words;
  if (!isUnique) return { text: (row) => cased(fill(natural(row))), isPlain, how };
  const longest = Math.min(most, 8);
  const capacity = most >= 8 ? Infinity : 36 ** longest;
  const isShort = most < 12;
  return {
    text: (row) => {
      if (isShort)
        return cased(
          draw
            .place(row, 36 ** longest)
            .toString(36)
            .padStart(longest, "0"),
        );
      const text = natural(row);
      if (generator?.isUnique && text.length <= most) return cased(fill(text));
      // An address or a code has no blank.
      const end = `${generator?.isUnique ? "" : " "}${showWhole(scope.serial(row) + 1)}`;
      return cased(`${cut(text, most - end.length)}${end}`.padEnd(least, "."));
    },
    isPlain,
    how: `${how}, each once`,
    capacity,
  };
}

/** True when what the name suggests passes the pattern anyway, as far as it is one of JavaScript too. */
function naturalFits(
  natural: (row: number) => string,
  pattern: string,
  most: number,
  isChanged: boolean,
): boolean {
  if (isChanged || /\[\[:|\(\?|\\[mMyYA-Z]/.test(pattern)) return false;
  let expression: RegExp;
  try {
    expression = new RegExp(pattern);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
  return Array.from({ length: 20 }, (_, row) => natural(row)).every(
    (text) => text.length <= most && expression.test(text),
  );
}

/** Never between the two halves of a character beyond U+FFFF. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : [...text].slice(0, most).join("");
}

function inner(scope: Scope, type: Type, modifier = -1): Scope {
  return { ...scope, type, modifier, rule: {}, isDisjoint: false };
}

const mostMembers = 4;

function makeArray(scope: Scope, element: string): Made {
  const type = scope.types.get(element);
  if (!type) throw new Impossible("the type of its elements could not be read");
  const { draw, isUnique } = scope;
  const members = isUnique ? draw : draw.forMembers(mostMembers);
  // One that no other row has keeps the lists apart.
  const made = makeValue({ ...inner(scope, type, scope.modifier), draw: members });
  const separator = type.name === "box" ? ";" : ",";
  return {
    text: (row) => {
      const count = isUnique ? 1 : 1 + draw.below(3, row, 77);
      const texts = Array.from({ length: count }, (_, n) =>
        quoted(made.text(isUnique ? row : row * mostMembers + n)),
      );
      return `{${texts.join(separator)}}`;
    },
    how: `lists of ${made.how}`,
    capacity: isUnique ? made.capacity : undefined,
  };
}

function makeComposite(scope: Scope): Made {
  const makers = (scope.type.members ?? []).map(({ name, type, modifier }) => {
    const resolved = scope.types.get(type);
    if (!resolved) throw new Impossible(`the type of its member ${name} could not be read`);
    const own = { ...inner(scope, resolved, modifier), plainName: name.toLowerCase() };
    return (isUnique: boolean) => makeValue({ ...own, isUnique });
  });
  // The member with the most values keeps rows apart.
  const sizes = scope.isUnique ? makers.map((make) => make(true).capacity ?? 0) : [];
  const capacity = scope.isUnique ? Math.max(0, ...sizes) : undefined;
  const members = makers.map((make, n) =>
    make(scope.isUnique && n === sizes.indexOf(capacity ?? 0)),
  );
  return {
    text: (row) => `(${members.map(({ text }) => quoted(text(row))).join(",")})`,
    how: "a value of each member",
    capacity,
  };
}

/** As an element of an array or a member of a row. */
function quoted(text: string | null): string {
  if (text === null) return "NULL";
  return /^[A-Za-z0-9_.:+-]+$/.test(text) && text.toLowerCase() !== "null"
    ? text
    : `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
