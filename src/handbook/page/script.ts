/** The page's only script: the search, and where large diagrams begin. Without it the field is not there, and everything is readable. */
export const script = `(() => {
const field = document.querySelector(".search"), told = document.querySelector(".found"), none = document.querySelector(".none");
const articles = [...document.querySelectorAll("article")];
const texts = new Map(), links = new Map();
for (const link of document.querySelectorAll("nav li a")) links.set(link.hash.slice(1), link.parentNode);
const textOf = (one) => { if (!texts.has(one)) texts.set(one, (one.dataset.name + " " + one.textContent).toLowerCase()); return texts.get(one); };
const search = () => {
  const words = field.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let found = 0;
  for (const one of articles) {
    const isFound = words.every((word) => textOf(one).includes(word));
    one.hidden = !isFound;
    const link = links.get(one.id);
    if (link) link.hidden = !isFound;
    if (isFound) found += 1;
  }
  for (const [group, part] of [["nav .group", "li"], ["main section[data-schema]", "article"]])
    for (const one of document.querySelectorAll(group)) one.hidden = !one.querySelector(part + ":not([hidden])");
  for (const one of document.querySelectorAll(".map")) one.hidden = words.length > 0;
  none.hidden = found > 0 || words.length === 0;
  told.textContent = words.length === 0 ? "" : found + " of " + articles.length;
};
for (const diagram of document.querySelectorAll(".erd")) {
  const boxes = [...diagram.querySelectorAll("a rect")].map((one) => one.getBoundingClientRect());
  const first = boxes.toSorted((one, other) => one.left - other.left || one.top - other.top)[0];
  if (first) diagram.scrollTop = first.top - diagram.getBoundingClientRect().top - 40;
}
field.hidden = false;
field.addEventListener("input", search);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== field) { event.preventDefault(); field.focus(); }
  if (event.key === "Escape" && field.value !== "") { field.value = ""; search(); }
});
addEventListener("hashchange", () => {
  const one = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (one && one.closest("[hidden]")) { field.value = ""; search(); one.scrollIntoView(); }
});
if (field.value !== "") search();
})();
`;
