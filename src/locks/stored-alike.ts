/** Can a column get another type without touching its rows? */
import type { ColumnType } from "./column.ts";
import type { Model } from "./model.ts";

/** Casts without a function (pg_cast, castmethod b), to types that take no modifiers. */
const alike: Readonly<Record<string, readonly string[]>> = {
  varchar: ["text", "citext"],
  text: ["varchar", "citext"],
  citext: ["text", "varchar"],
  cidr: ["inet"],
  xml: ["text", "varchar"],
  int4: ["oid", "regclass"],
  oid: ["int4", "regclass"],
};

/**
 * True where PostgreSQL only relabels: measured on 15 to 18 in test/integration/locks. A limit may be
 * lifted or taken away, never set or lowered, since then every value must be looked at. timestamp and
 * timestamptz are alike only where the session's TimeZone is UTC.
 */
export function isStoredAlike(from: ColumnType, to: ColumnType, model: Model): boolean {
  const domain = model.find(model.domains, from.type);
  const old = domain ? { ...from, type: domain.base } : from;
  const target = model.find(model.domains, to.type);
  if (target?.hasConstraint) return false;
  const name = target?.base ?? to.type;
  if (old.isArray || to.isArray) {
    const isSame = old.isArray === to.isArray && old.type === name;
    return isSame && (sameModifiers(old, to) || to.modifiers.length === 0);
  }
  if (old.type === name) return sameModifiers(old, to) || isWider(old, to);
  if (["timestamp", "timestamptz"].includes(old.type) && /^timestamp(?:tz)?$/.test(name)) {
    return model.isUtc && sameModifiers(old, to);
  }
  return alike[old.type]?.includes(name) === true && to.modifiers.length === 0;
}

const sameModifiers = (a: ColumnType, b: ColumnType) => a.modifiers.join() === b.modifiers.join();

function isWider({ type, modifiers: old }: ColumnType, { modifiers: now }: ColumnType): boolean {
  const [before = Infinity, scale = 0] = old;
  const [after = Infinity, newScale = 0] = now;
  switch (type) {
    case "varchar":
    case "varbit":
      return after >= before;
    case "numeric":
      return now.length === 0 || (old.length > 0 && after >= before && newScale === scale);
    case "timestamp":
    case "timestamptz":
    case "time":
    case "timetz":
      return (now[0] ?? 6) >= (old[0] ?? 6);
    case "interval":
      return isFinerInterval(intervalOf(old), intervalOf(now));
    default:
      return false;
  }
}

/** Without fields all of them are meant (INTERVAL_FULL_RANGE); digits are those of a second. */
function intervalOf([range = 0x7fff, digits = 6]: readonly number[]) {
  // SECOND, MINUTE, HOUR, DAY, MONTH, YEAR, by their bits (utils/datetime.h).
  const least = [12, 11, 10, 3, 1, 2].findIndex((bit) => (range & (1 << bit)) !== 0);
  return { least, digits };
}

type Interval = ReturnType<typeof intervalOf>;

/** As interval_support() has it. */
function isFinerInterval(old: Interval, now: Interval): boolean {
  return now.least <= old.least && (old.least > 0 || now.digits >= old.digits);
}
