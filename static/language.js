// Which language the page speaks, before anything of it is seen: the one that was chosen, else
// the first of the browser's that there is. The page's module reads it from the document.
{
  const LANGUAGES = { en: "ltr", de: "ltr", ar: "rtl" };
  const wanted = navigator.languages.map((language) => language.split("-")[0]);
  try {
    wanted.unshift(localStorage.getItem("language"));
  } catch {
    // Storage is blocked: it is the browser's.
  }
  const language = wanted.find((one) => Object.hasOwn(LANGUAGES, one)) ?? "en";
  document.documentElement.lang = language;
  document.documentElement.dir = LANGUAGES[language];
  if (language !== "en") addEventListener("DOMContentLoaded", () => translate(language).catch(() => {}));

  /** What the document shows by itself. */
  async function translate(language) {
    const { texts } = await (await fetch(`/words/${language}.json`)).json();
    const shown = document.getElementById("first-sight");
    if (!shown) return;
    const nodes = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) {
      const { currentNode: node } = nodes;
      const english = node.data.trim().replace(/\s+/g, " ");
      if (Object.hasOwn(texts, english)) node.data = texts[english];
    }
  }
}
