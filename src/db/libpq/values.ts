/** Reads the values of single libpq parameters: choices, numbers and the list of hosts. */
import { existsSync } from "node:fs";
import { PgwrightError } from "../../errors.ts";
import type { HostOption } from "../libpq.ts";

/** A value and where it came from: "PGPORT", "the connection string". */
export interface Setting {
  readonly value: string;
  readonly origin: string;
}

export type Settings = Map<string, Setting>;

export function invalidSetting(
  name: string,
  setting: Setting | undefined,
  why: string,
  hint?: string,
): PgwrightError {
  const origin = setting === undefined ? "" : ` (from ${setting.origin})`;
  return new PgwrightError("connection-invalid", `\`${name}\`${origin} ${why}`, { hint });
}

/** One of a list of words. Unlike in libpq an empty value is refused for every one of them. */
export function readChoice<T extends string>(
  settings: Settings,
  name: string,
  fallback: T,
  choices: readonly T[],
): T {
  const setting = settings.get(name);
  if (setting === undefined) return fallback;
  const found = choices.find((choice) => choice === setting.value);
  if (found !== undefined) return found;
  throw invalidSetting(name, setting, `is \`${setting.value}\`, not one of ${choices.join(", ")}`);
}

/** A whole number; undefined when it is not set. */
export function readInteger(settings: Settings, name: string): number | undefined {
  const setting = settings.get(name);
  if (setting === undefined || setting.value.trim() === "") return undefined;
  if (!/^\s*[+-]?\d{1,9}\s*$/.test(setting.value)) {
    throw invalidSetting(name, setting, `is \`${setting.value}\`, not a whole number`);
  }
  return Number(setting.value);
}

/** Matches the lists of `host`, `hostaddr` and `port` with each other. */
export function readHosts(settings: Settings): HostOption[] {
  const names = readList(settings, "host");
  const addresses = readList(settings, "hostaddr");
  if (names !== undefined && addresses !== undefined && names.length !== addresses.length) {
    throw invalidSetting(
      "hostaddr",
      settings.get("hostaddr"),
      `has ${count(addresses.length, "address", "addresses")}, but \`host\` names ${count(names.length, "host", "hosts")}`,
    );
  }
  const length = addresses?.length ?? names?.length ?? 1;
  const ports = readPorts(settings, length);
  return Array.from({ length }, (_, index) => {
    const port = ports[index] ?? 5432;
    const hostaddr = addresses?.[index] || undefined;
    const host = names?.[index] || (hostaddr === undefined ? defaultHost(port) : "");
    return hostaddr === undefined ? { host, port } : { host, hostaddr, port };
  });
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function readList(settings: Settings, name: string): string[] | undefined {
  const value = settings.get(name)?.value;
  return value === undefined || value === "" ? undefined : value.split(",");
}

function readPorts(settings: Settings, hosts: number): number[] {
  const setting = settings.get("port");
  const list = readList(settings, "port") ?? [""];
  if (list.length !== 1 && list.length !== hosts) {
    throw invalidSetting(
      "port",
      setting,
      `lists ${count(list.length, "port", "ports")} for ${count(hosts, "host", "hosts")}`,
      "give one port for all, or one for each host",
    );
  }
  const ports = list.map((text) => {
    const port = text === "" ? 5432 : Number(text);
    if (/^(\s*\+?\d+\s*)?$/.test(text) && port >= 1 && port <= 65_535) return port;
    // In a URL with an unencoded "/" the "port" is the beginning of the password.
    throw invalidSetting(
      "port",
      setting,
      "is not a number from 1 to 65535",
      setting?.origin === "the connection string"
        ? 'in a URL, percent-encode a password that has a "/" (as %2F) or another reserved character'
        : undefined,
    );
  });
  return ports.length === hosts ? ports : Array.from({ length: hosts }, () => ports[0] ?? 5432);
}

// libpq has one directory built in: /tmp, or /var/run/postgresql as the packagers set it.
function defaultHost(port: number): string {
  const directory = ["/var/run/postgresql", "/tmp"].find((candidate) =>
    existsSync(`${candidate}/.s.PGSQL.${port}`),
  );
  return directory ?? "localhost";
}
