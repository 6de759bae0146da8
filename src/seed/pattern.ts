/** Texts that match a regular expression of the simple kind: letters, classes, groups, counts. */

/** Makes a text; `choose(n)` gives a number below n, another each time. */
export type TextMaker = (choose: (count: number) => number) => string;

/** Undefined for what is not understood: look-around, back references, and the like. */
export function readPattern(pattern: string): TextMaker | undefined {
  const reader = new Reader(pattern);
  try {
    const maker = reader.alternatives();
    return reader.isAtEnd ? maker : undefined;
  } catch (error) {
    if (error instanceof Unclear) return undefined;
    throw error;
  }
}

/**
 * Different texts for different numbers below `capacity`: the number's digits, in the mixed radix of
 * the choices, are the choices. Where their number depends on earlier ones (`a{1,3}`), the capacity
 * is that of the shortest way that was met.
 */
export function countOut(make: TextMaker): { capacity: number; text: (number: number) => string } {
  let capacity = Infinity;
  for (let trial = 0; trial < 256; trial += 1) {
    let product = 1;
    let at = 0;
    make((count) => {
      product *= count;
      at += 1;
      return (trial * at + (trial >> 2)) % count;
    });
    capacity = Math.min(capacity, product, 2 ** 50);
  }
  return {
    capacity,
    text: (number) => {
      let rest = number;
      return make((count) => {
        const digit = rest % count;
        rest = Math.floor(rest / count);
        return digit;
      });
    },
  };
}

class Unclear extends Error {}

const digits = "0123456789";
const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();
const named: Record<string, string> = {
  alpha: lower + upper,
  alnum: lower + upper + digits,
  digit: digits,
  lower,
  upper,
  space: " ",
  punct: ".,-_!",
  xdigit: "0123456789abcdef",
};
const escapes: Record<string, string> = { d: digits, w: `${lower}${digits}_`, s: " " };
const anything = lower + digits;

class Reader {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  alternatives(): TextMaker {
    const makers = [this.#sequence()];
    while (this.#take("|")) makers.push(this.#sequence());
    return makers.length === 1
      ? (makers[0] as TextMaker)
      : (choose) => (makers[choose(makers.length)] as TextMaker)(choose);
  }

  #sequence(): TextMaker {
    const parts: TextMaker[] = [];
    while (!this.isAtEnd && !"|)".includes(this.#text[this.#at] ?? "")) {
      if (this.#take("^") || this.#take("$")) continue;
      parts.push(this.#counted(this.#atom()));
    }
    return (choose) => parts.map((part) => part(choose)).join("");
  }

  #atom(): TextMaker {
    if (this.#take("(")) {
      if (this.#take("?") && !this.#take(":")) throw new Unclear();
      const inner = this.alternatives();
      if (!this.#take(")")) throw new Unclear();
      return inner;
    }
    if (this.#take("[")) return oneOf(this.#set());
    if (this.#take(".")) return oneOf(anything);
    if (this.#take("\\")) return oneOf(this.#escape());
    const letter = this.#next();
    if ("*+?{".includes(letter)) throw new Unclear();
    return () => letter;
  }

  #counted(atom: TextMaker): TextMaker {
    let [least, most] = [1, 1];
    if (this.#take("*")) [least, most] = [0, 5];
    else if (this.#take("+")) [least, most] = [1, 6];
    else if (this.#take("?")) [least, most] = [0, 1];
    else if (this.#take("{")) {
      const [, from = "", comma, to = ""] = /^(\d+)(,?)(\d*)\}/.exec(this.#rest()) ?? [];
      if (from === "") throw new Unclear();
      this.#at += from.length + (comma?.length ?? 0) + to.length + 1;
      least = Number(from);
      most = comma === "" ? least : to === "" ? least + 5 : Number(to);
    } else return atom;
    this.#take("?");
    return (choose) => {
      const count = least + choose(most - least + 1);
      return Array.from({ length: count }, () => atom(choose)).join("");
    };
  }

  #set(): string {
    const isNegated = this.#take("^");
    let members = "";
    for (let isFirst = true; isFirst || this.#text[this.#at] !== "]"; isFirst = false) {
      const [whole, name] = /^\[:(\w+):\]/.exec(this.#rest()) ?? [];
      if (whole !== undefined) {
        this.#at += whole.length;
        members += named[name ?? ""] ?? "";
        continue;
      }
      const letter = this.#next();
      if (letter === "\\") {
        members += this.#escape();
        continue;
      }
      const [range, last] = /^-([^\]])/.exec(this.#rest()) ?? [];
      if (range === undefined || last === undefined) {
        members += letter;
        continue;
      }
      this.#at += 2;
      for (let code = letter.charCodeAt(0); code <= last.charCodeAt(0); code += 1) {
        members += String.fromCharCode(code);
      }
    }
    this.#at += 1;
    return isNegated
      ? [...anything].filter((letter) => !members.includes(letter)).join("")
      : members;
  }

  #escape(): string {
    const letter = this.#next();
    const set = escapes[letter];
    if (set !== undefined) return set;
    if (/[A-Za-z0-9]/.test(letter)) throw new Unclear();
    return letter;
  }

  #rest(): string {
    return this.#text.slice(this.#at);
  }

  #take(letter: string): boolean {
    if (this.#text[this.#at] !== letter) return false;
    this.#at += 1;
    return true;
  }

  #next(): string {
    const letter = this.#text[this.#at];
    if (letter === undefined) throw new Unclear();
    this.#at += 1;
    return letter;
  }
}

function oneOf(letters: string): TextMaker {
  if (letters === "") throw new Unclear();
  return letters.length === 1 ? () => letters : (choose) => letters[choose(letters.length)] ?? "";
}
