// What every page can do beyond being read: find something in the site, point to a place, save a chart, ask for a term.
"use strict";
(() => {
  const root = new URL("..", document.currentScript.src);
  const { words } = window.eldercare;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const make = (name, given = {}, ...inside) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(given)) node.setAttribute(key, value);
    node.append(...inside);
    return node;
  };

  const HANZI = /[\u4e00-\u9fff]/;

  // ---- Charts are saved as they stand on the page, with caption and origin; each has an address of its own.
  const FONT = "'Noto Sans SC', 'Microsoft YaHei', 'PingFang SC', sans-serif";
  const HEAD = 24, FOOT = 13, INK = "#1f2933", DOTS = 3;
  const cited = document.querySelector(".cite");
  const cite = (caption) => {
    const title = cited?.dataset.title;
    return cited ? cited.textContent.replace(title, fill(words.cited, { title, caption })) : "";
  };
  const shape = (name, given, text = "") => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(given)) node.setAttribute(key, value);
    node.textContent = text;
    return node;
  };
  // The picture as an SVG of its own, with the caption above it and below it where sliders stand and how to cite it.
  const picture = (figure, caption) => {
    const svg = window.eldercare.drawn(figure).cloneNode(true);
    const { x, y, width, height } = svg.viewBox.baseVal;
    // Of a trial only what was set.
    const fields = [...(figure.closest(".bench")?.querySelectorAll("form :is(select, input[type=number])") ?? [])];
    const set = fields.filter((one) => one.selectedIndex > 0 || (one.type === "number" && one.value !== one.defaultValue))
      .map((one) => `${one.labels[0].textContent} ${one.selectedOptions?.[0].textContent ?? one.value}`);
    const below = [set.join(" · "), cite(caption)].filter(Boolean);
    const whole = height + HEAD + FOOT * below.length;
    // A line is as large as it has room for: a Chinese character is about twice as wide as a letter.
    const line = (text, at, most) => {
      const units = [...text].reduce((sum, sign) => sum + (sign > "\u2e80" ? 1 : 0.58), 0);
      return shape("text", { x: x + 4, y: at, "font-size": Math.min(most, (width - 8) / units), fill: INK }, text);
    };
    svg.prepend(shape("title", {}, caption), shape("rect", { x, y: y - HEAD, width, height: whole, fill: "#fff" }), line(caption, y - HEAD / 3, 12));
    svg.append(...below.map((text, i) => line(text, y + height + FOOT * (i + 0.7), 8)));
    const given = { viewBox: `${x} ${y - HEAD} ${width} ${whole}`, width: width * DOTS, height: whole * DOTS, color: INK, "font-family": FONT };
    for (const [key, value] of Object.entries(given)) svg.setAttribute(key, value);
    for (const name of ["role", "aria-labelledby", "aria-describedby", "aria-hidden"]) svg.removeAttribute(name);
    for (const text of svg.querySelectorAll("text")) text.style.fontFamily = FONT;
    return svg;
  };
  const source = (svg) => new XMLSerializer().serializeToString(svg);
  const save = (blob, name) => {
    const link = make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  const savers = {
    SVG: (figure, caption, name) => save(new Blob([source(picture(figure, caption))], { type: "image/svg+xml" }), `${name}.svg`),
    PNG: (figure, caption, name) => {
      const svg = picture(figure, caption), size = { width: svg.getAttribute("width"), height: svg.getAttribute("height") };
      const canvas = Object.assign(make("canvas"), size), pen = canvas.getContext("2d"), image = new Image();
      // A picture has the fonts of the system alone: its letters are written with those of the page.
      const place = document.body.appendChild(make("div", { style: `position: absolute; left: -9999px; width: ${size.width}px` }));
      svg.style.width = `${size.width}px`;
      place.append(svg);
      const written = [...svg.querySelectorAll("text")].map((text) => {
        const { fontSize, fontWeight, fill, textAnchor } = getComputedStyle(text), { a, b, c, d, e, f } = text.getCTM();
        const at = ["x", "y"].map((name) => Number(text.getAttribute(name) ?? 0));
        return { text: text.textContent, at, matrix: [a, b, c, d, e, f], font: `${fontWeight} ${fontSize} ${getComputedStyle(document.body).fontFamily}`, fill, align: textAnchor === "middle" ? "center" : textAnchor };
      });
      place.remove();
      for (const text of svg.querySelectorAll("text")) text.remove();
      image.onload = () => {
        pen.drawImage(image, 0, 0);
        for (const { text, at, matrix, font, fill, align } of written) {
          pen.setTransform(...matrix);
          Object.assign(pen, { font, fillStyle: fill, textAlign: align });
          pen.fillText(text, ...at);
        }
        canvas.toBlob((blob) => save(blob, `${name}.png`));
      };
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source(svg))}`;
    },
  };
  const permalink = (id, label) => make("a", { class: "permalink", href: `#${id}`, "aria-label": label }, "#");
  for (const heading of document.querySelectorAll("main h2[id]")) heading.append(" ", permalink(heading.id, words.permalink));
  const equip = (figure) => {
    const heading = figure.querySelector("figcaption"), caption = heading.textContent;
    const name = `${document.body.dataset.file}-${figure.id.replace("chart-", "") || "what_if"}`;
    const buttons = Object.entries(savers).map(([kind, saver]) => {
      const button = make("button", { type: "button", "aria-label": fill(words.save_as, { caption, kind }) }, kind);
      button.addEventListener("click", () => saver(figure, caption, name));
      return button;
    });
    (figure.querySelector("details.twin") ?? figure.lastElementChild).before(make("p", { class: "save" }, words.save, ...buttons));
    if (!figure.id) return;
    heading.append(" ", permalink(figure.id, words.permalink_chart));
    const address = location.protocol === "file:" ? "" : ` ${location.href.split("#")[0]}#${figure.id}`;
    if (cited) figure.querySelector(".twin").append(make("p", { class: "source" }, `${words.cite} ${cite(caption)}${address}`));
  };
  document.querySelectorAll("figure.chart").forEach(equip);

  // ---- A fold opens when a link leads to it.
  const reveal = () => {
    const fold = document.getElementById(location.hash.slice(1))?.querySelector(":scope > details");
    if (fold) fold.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();

  // ---- What scrolls is reached by keyboard; what does not is no stop on the way.
  const boxes = [];
  const stops = new ResizeObserver(() => {
    for (const box of boxes) {
      const given = { tabindex: 0, role: "group", "aria-label": words.sideways };
      const scrolls = box.scrollWidth > box.clientWidth + 1;
      for (const [name, value] of Object.entries(given)) scrolls ? box.setAttribute(name, value) : box.removeAttribute(name);
    }
  });
  const watch = (root) => {
    const found = [...root.querySelectorAll(":is(.plot, .table-box, pre):not([role=img])")];
    boxes.push(...found);
    for (const box of found) [box, ...box.children].forEach((one) => stops.observe(one));
  };
  watch(document.querySelector("main"));
  // What another script makes is dressed in the same way.
  window.eldercare.dress = (root) => { root.querySelectorAll("figure.chart").forEach(equip); watch(root); };

  // ---- Chinese names in an English text are read by a Chinese voice.
  if (words.language !== "zh") {
    const texts = document.createNodeIterator(document.body, NodeFilter.SHOW_TEXT), chinese = [];
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      if (HANZI.test(text.data) && !text.parentElement.closest("svg, script, style, pre, [lang|=zh]")) chinese.push(text);
    }
    for (const text of chinese) {
      const parts = text.data.split(/([\u3000-\u303f\u4e00-\u9fff\uff00-\uffef][\d\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]*)/);
      text.replaceWith(...parts.map((part, i) => i % 2 ? make("span", { lang: "zh-CN" }, part) : part));
    }
  }

  // ---- Rows of a phone that are moved sideways show where one is.
  for (const here of document.querySelectorAll(".switch > ul [aria-current]")) {
    const list = here.closest("ul");
    list.scrollLeft = here.offsetLeft - list.offsetLeft - 48;
  }

  // ---- Menu of scenarios: in groups, each with what it means; it closes as menus do.
  const { scenarios } = window.eldercare, [baseline] = Object.keys(scenarios);
  // The first statement of a description.
  const short = (text) => text.split(/[。；（]|\.$|[.;:] | \(/)[0];
  for (const menu of document.querySelectorAll(".switch details")) {
    const items = [...menu.querySelectorAll("li:not(.note)")].map((item) => [item, item.textContent.trim()]);
    for (const [group, holds] of [["done", false], ["people", true]]) {
      items.find(([, name]) => name !== baseline && scenarios[name]?.[1] === holds)?.[0].before(make("li", { class: "group" }, words[group]));
    }
    for (const [item, name] of items) if (scenarios[name]) item.append(make("small", {}, short(scenarios[name][0])));
    const close = () => { menu.open = false; };
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      close();
      menu.querySelector("summary").focus();
    });
    menu.addEventListener("focusout", (event) => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) close(); });
    document.addEventListener("pointerdown", (event) => { if (!menu.contains(event.target)) close(); });
  }

  // ---- Terms: the first of each on a page says what it means, to who points at it or taps it.
  const READ = "main :is(p, li, dd)", NOT_READ = "a, form, button, code, svg, script, output, nav, figure, [data-part], .tag, .search";
  const meaning = document.body.appendChild(make("div", { popover: "", class: "meaning" }));
  const tell = (button, term, means, href) => {
    const more = make("a", { href }, words.term_more);
    meaning.replaceChildren(make("p", {}, make("strong", {}, term), " ", means), more);
    button.after(meaning);
    meaning.showPopover();
    const place = button.getBoundingClientRect(), { width, height } = meaning.getBoundingClientRect();
    const isLow = place.bottom + height + 8 > innerHeight && place.top > height;
    meaning.style.left = `${Math.max(8, Math.min(place.left, innerWidth - width - 8))}px`;
    meaning.style.top = `${isLow ? place.top - height - 6 : place.bottom + 6}px`;
  };
  let waiting;
  const later = (what, time) => {
    clearTimeout(waiting);
    waiting = setTimeout(what, time);
  };
  const mark = (id, term, means) => {
    const written = new RegExp(HANZI.test(term) ? term : `\\b${term}\\b`, "i");
    const texts = document.createNodeIterator(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const found = written.exec(text.data);
      if (!found || !text.parentElement.closest(READ) || text.parentElement.closest(NOT_READ)) continue;
      const place = text.splitText(found.index);
      place.splitText(found[0].length);
      // Not a button element, at which a line may break where Chinese has no break.
      const href = new URL(`${words.glossary}#${id}`, root).href;
      const button = make("a", { href, role: "button", class: "term" }, found[0]);
      place.replaceWith(button);
      // What a pointer has opened goes with it; what was tapped stays until something else is.
      const ask = (event) => {
        event.preventDefault();
        clearTimeout(waiting);
        tell(button, term, means, href);
      };
      button.addEventListener("click", ask);
      button.addEventListener("keydown", (event) => { if (event.key === " ") ask(event); });
      button.addEventListener("pointerenter", ({ pointerType }) => { if (pointerType === "mouse") later(() => tell(button, term, means, href), 300); });
      button.addEventListener("pointerleave", () => later(() => meaning.hidePopover(), 400));
      return;
    }
  };
  meaning.addEventListener("pointerenter", () => clearTimeout(waiting));
  meaning.addEventListener("pointerleave", () => later(() => meaning.hidePopover(), 400));
  if (!document.body.matches(".glossary")) {
    // The longer first, for a short one may stand in it.
    const terms = Object.entries(window.eldercare.terms).sort((a, b) => b[1][0].length - a[1][0].length);
    for (const [id, [term, means]] of terms) mark(id, term, means);
  }

  // ---- Search: the texts are loaded when the box is first used, as a script, for a page on a disk may read no file.
  const MOST = 20, AROUND = 60;
  const input = make("input", { type: "search", "aria-label": words.search, placeholder: words.search_hint, autocomplete: "off", spellcheck: "false" });
  const status = make("p", { role: "status" });
  const list = make("ul");
  const panel = make("div", { class: "found" }, status, list);
  panel.hidden = true;
  const search = make("search", { class: "search" }, input, panel);
  document.querySelector(".site-header .languages").before(search);

  // The folders of this page: what is near is shown first.
  const [scenario, area] = location.pathname.split("/").slice(-3);
  let entries;
  const prepare = () => {
    const { names: [areas, scenarios, topics], pages } = window.eldercare;
    const entry = (href, heading, place, said, near) => {
      const parts = [heading, place, said].map((text) => text.toLowerCase());
      return { href, heading, place, said, near, in: parts, text: parts.join("\n") };
    };
    const order = Object.keys(areas);
    pages.sort((one, other) => order.indexOf(one[1]) - order.indexOf(other[1]));
    entries = pages.flatMap(([s, a, topic, parts]) => {
      const place = [areas[a], topics[topic], scenarios[s]].join(" · ");
      const near = (a === area ? 1 : 0) + (s === scenario ? 2 : s === "baseline" ? 1 : 0);
      const sections = [["", topics[topic], ""]];
      for (const [id, heading, said] of parts) {
        if (id) sections.push([id, heading, ""]);
        else sections.at(-1)[2] += said;
      }
      return sections.map(([id, heading, said]) =>
        entry(`${words.language}/${s}/${a}/${topic}.html${id && "#"}${id}`, heading, place, said, near + (id ? 0 : 2)));
    });
    for (const [id, [term, means]] of Object.entries(window.eldercare.terms)) {
      entries.push(entry(`${words.glossary}#${id}`, term, words.term, means, 3));
    }
  };
  const load = () => new Promise((done) => {
    const script = make("script", { src: new URL(`assets/search-${words.language}.js`, root).href });
    script.onload = () => { prepare(); done(); };
    document.head.append(script);
  });
  let loaded;

  // Chinese is written without spaces: what is asked for is cut into the longest pieces of two or more characters that
  // stand in the text. An English word is also found without its ending.
  const pieces = (term, text, pairs) => {
    if (!HANZI.test(term)) return [term, term.replace(/(ing|ed|es|s)$/, "")].filter((word, i) => (!i || word.length > 2) && text.includes(word)).slice(0, 1);
    if (term.length < 2) return text.includes(term) ? [term] : [];
    const found = [];
    // A piece goes no further than the pairs of characters in it do.
    const together = pairs.map((pair) => text.includes(pair));
    for (let at = 0; at < together.length;) {
      let end = at;
      while (together[end]) end++;
      while (end > at && !text.includes(term.slice(at, end + 1))) end--;
      if (end > at) found.push(term.slice(at, end + 1));
      at = end + 1;
    }
    return found;
  };
  const PLACE_WEIGHTS = [9, 6, 2], ENOUGH = 0.7;
  const rank = (entry, terms, length) => {
    const marks = terms.flatMap(([term, pairs]) => pieces(term, entry.text, pairs));
    // Most of what was asked for is there.
    if (marks.join("").length < ENOUGH * length) return null;
    let score = entry.near;
    for (const mark of marks) {
      const place = entry.in.findIndex((part) => part.includes(mark));
      score += PLACE_WEIGHTS[place] * mark.length / length + (entry.in[0] === mark ? 6 : 0);
    }
    return { ...entry, score, marks };
  };
  const find = (asked) => {
    const words = asked.toLowerCase().split(/\s+/).filter(Boolean), length = words.join("").length;
    const terms = words.map((word) => [word, Array.from({ length: word.length - 1 }, (_, i) => word.slice(i, i + 2))]);
    return length ? entries.map((entry) => rank(entry, terms, length)).filter(Boolean).sort((a, b) => b.score - a.score) : [];
  };
  // A text with what was asked for marked; of a long one the part around it.
  const marked = (text, marks) => {
    const low = text.toLowerCase();
    const first = Math.min(...marks.map((mark) => low.indexOf(mark)).filter((at) => at >= 0), text.length);
    const from = first < text.length && first > AROUND ? first - AROUND / 2 : 0;
    const parts = [from ? "…" : ""];
    let at = from;
    const end = Math.min(text.length, from + 3 * AROUND);
    while (at < end) {
      const next = marks.map((mark) => [low.indexOf(mark, at), mark]).filter(([place]) => place >= 0 && place < end).sort((a, b) => a[0] - b[0])[0];
      if (!next) break;
      parts.push(text.slice(at, next[0]), make("mark", {}, text.slice(next[0], next[0] + next[1].length)));
      at = next[0] + next[1].length;
    }
    return [...parts, text.slice(at, Math.max(at, end)), end < text.length ? "…" : ""];
  };
  const show = () => {
    const asked = input.value.trim();
    panel.hidden = !asked;
    if (!asked) return;
    const found = entries ? find(asked) : [];
    const shown = found.slice(0, MOST);
    const said = !entries ? "loading" : !found.length ? "found_none" : found.length > MOST ? "found_more" : "found";
    status.textContent = fill(words[said], { n: found.length, shown: MOST });
    list.replaceChildren(...shown.map(({ href, heading, place, said, marks }) =>
      make("li", {}, make("a", { href: new URL(href, root).href }, make("strong", {}, ...marked(heading, marks)), " ",
        make("small", {}, ...marked(place, marks)), ...(said ? [make("span", {}, ...marked(said, marks))] : [])))));
  };
  const ask = () => {
    loaded ??= load();
    show();
    loaded.then(show);
  };
  const close = () => { panel.hidden = true; };
  input.addEventListener("input", ask);
  input.addEventListener("focus", ask);
  search.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      close();
      input.value = "";
      input.focus();
      input.blur();
    } else if (event.key === "Enter" && event.target === input && links.length) {
      links[0].click();
    } else if (step && !panel.hidden) {
      event.preventDefault();
      const places = [input, ...links];
      places[Math.min(Math.max(places.indexOf(document.activeElement) + step, 0), places.length - 1)].focus();
    }
  });
  search.addEventListener("focusout", (event) => { if (!search.contains(event.relatedTarget)) close(); });
  list.addEventListener("click", (event) => { if (event.target.closest("a")) close(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    input.focus();
  });
})();
