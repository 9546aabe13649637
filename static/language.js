// Which language the page speaks, before anything of it is seen: the one that was chosen, else
// the first of the browser's that there is. The page's module reads it from the document, and
// its words from here: see web/app/src/language.rs.
{
  const LANGUAGES = { en: "ltr", de: "ltr", ar: "rtl" };
  /** Figures have the digits that names and sizes have. */
  const LOCALES = { ar: "ar-u-nu-latn" };

  /** As words.rs asks for them. */
  class Words {
    constructor(language, { texts, plurals }) {
      const locale = LOCALES[language] ?? language;
      this.locale = locale;
      this.direction = LANGUAGES[language];
      this.texts = new Map(Object.entries(texts));
      this.plurals = new Map(Object.entries(plurals));
      this.rules = new Intl.PluralRules(locale);
      this.separators = (12_345.6).toLocaleString(locale).replace(/\d/g, "");
    }

    text(english) {
      return this.texts.get(english);
    }

    /** The form for a number. The key has both English forms. */
    plural(number, english) {
      const forms = this.plurals.get(english);
      return forms?.[this.rules.select(number)] ?? forms?.other;
    }
  }

  const wanted = navigator.languages.map((language) => language.split("-")[0]);
  try {
    wanted.unshift(localStorage.getItem("language"));
  } catch {
    // Storage is blocked: it is the browser's.
  }
  const language = wanted.find((one) => Object.hasOwn(LANGUAGES, one)) ?? "en";
  speak(language);
  // boot.js waits for it. Where the words can't be had, the page speaks English.
  globalThis.words = language === "en" ? null : fetched(language).catch(() => speak("en"));

  async function fetched(language) {
    const words = new Words(language, await (await fetch(`/words/${language}.json`)).json());
    if (document.readyState === "loading") await new Promise((resolve) => addEventListener("DOMContentLoaded", resolve));
    translate(words);
    return words;
  }

  /** What the document shows by itself. */
  function translate(words) {
    const shown = document.getElementById("first-sight");
    if (!shown) return;
    const parts = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
    while (parts.nextNode()) parts.currentNode.data = inWords(parts.currentNode.data);
    for (const name of ["aria-label", "title"]) {
      for (const element of shown.querySelectorAll(`[${name}]`)) element.setAttribute(name, inWords(element.getAttribute(name)));
    }

    function inWords(text) {
      const own = text.trim();
      return text.replace(own, () => words.text(own.replace(/\s+/g, " ")) ?? own);
    }
  }

  function speak(language) {
    document.documentElement.lang = language;
    document.documentElement.dir = LANGUAGES[language];
    return null;
  }
}
