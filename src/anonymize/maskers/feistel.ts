/** A keyed permutation of numbers: a Feistel network with modular addition, in SQL. */

/**
 * Eight rounds, as FF3 has (NIST SP 800-38G): halves of a few digits need them. Each round is a
 * subquery with OFFSET 0, because a round uses the one before twice and would be copied into 2^8
 * places.
 *
 * @param source SQL of a FROM item with the columns x, y (the halves), a, b (their sizes), all int8.
 * @param result SQL over x7, y8 (the halves), a, b and the source's columns.
 */
export function permuted(source: string, roundKey: string, result: string): string {
  const rounds: string[] = [];
  let [x, y] = ["x", "y"];
  for (let round = 1; round <= 8; round += 1) {
    const [changed, other, size] = round % 2 === 1 ? [x, y, "a"] : [y, x, "b"];
    const name = `${round % 2 === 1 ? "x" : "y"}${round}`;
    // The sizes are part of what is hashed, so numbers of other lengths go other ways. 60 bits are
    // taken: a half has 18 digits at most.
    const bits = `('x' || left(encode(sha256(${roundKey} || int8send(${other}) || int8send(a + b) || '\\x0${round}'::bytea), 'hex'), 15))::bit(60)::int8`;
    rounds.push(
      `lateral (select (${changed} + ${bits} % ${size}) % ${size} as ${name} offset 0) r${round}`,
    );
    if (round % 2 === 1) x = name;
    else y = name;
  }
  return `(select ${result} from ${source}, ${rounds.join(", ")})`;
}
