import type { Masker } from "./masker.ts";

/** Sentences of no meaning, 1,200 characters of them; the text that printers have used since 1500. */
const sentences =
  "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua. " +
  "Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat. " +
  "Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur. " +
  "Excepteur sint occaecat cupidatat non proident, sunt in culpa qui officia deserunt mollit anim id est laborum. " +
  "Sed ut perspiciatis unde omnis iste natus error sit voluptatem accusantium doloremque laudantium, totam rem aperiam. " +
  "Nemo enim ipsam voluptatem quia voluptas sit aspernatur aut odit aut fugit, sed quia consequuntur magni dolores eos. " +
  "Neque porro quisquam est, qui dolorem ipsum quia dolor sit amet, consectetur, adipisci velit, sed quia non numquam eius. " +
  "Quis autem vel eum iure reprehenderit qui in ea voluptate velit esse quam nihil molestiae consequatur. " +
  "At vero eos et accusamus et iusto odio dignissimos ducimus qui blanditiis praesentium voluptatum deleniti atque. " +
  "Temporibus autem quibusdam et aut officiis debitis aut rerum necessitatibus saepe eveniet ut et voluptates. ";

/** The same text beginning at every fourth word: cutting it at a drawn place would count its characters. */
const beginnings = Array.from(sentences.matchAll(/(?:\S+ ){4}/g), ({ index }) =>
  (sentences.slice(index) + sentences.slice(0, index)).trim(),
);

export const lorem: Masker = {
  name: "lorem",
  gives: "as many characters of text without meaning, beginning anywhere in it",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  isShapedByOriginal: true,
  compile({ text, pick }) {
    const words = pick(beginnings);
    const shortest = Math.min(...beginnings.map((one) => one.length));
    return `case when length(${text}) <= ${shortest} then left(${words}, length(${text}))
      else left(repeat(${words} || ' ', length(${text}) / ${shortest} + 1), length(${text})) end`;
  },
};
