// Charts in a narrow window. The drawn SVG is kept; a copy of it gets other places for the same marks: fields stand one
// below the other, names of rows above their bars, names of lines above the lines, letters keep their size.
"use strict";
(() => {
  const GAP = 40, LINE = 14, AIR = 3, LEAST = 11;
  const PAIR = /(-?[\d.]+(?:e-?\d+)?) (-?[\d.]+(?:e-?\d+)?)/g;
  // Where a line may break: after a word, and after a Chinese character that no closing mark follows.
  const PIECE = /[（“]*(?:[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef])[）】，。、”]*/g;
  const window_ = matchMedia("screen and (max-width: 40rem)");
  const drawn = new Map();

  const size = (text) => parseFloat(text.style.fontSize) || 10;
  const width = (text, words = text.textContent) => size(text) * [...words].reduce((sum, sign) => sum + (sign > "\u2e80" ? 1 : sign === "%" ? 0.92 : 0.56), 0);
  const place = (text) => {
    const moved = /translate\(([-\d.]+) ([-\d.]+)\)/.exec(text.getAttribute("transform"));
    return (moved ? moved.slice(1) : [text.getAttribute("x"), text.getAttribute("y")]).map(Number);
  };
  const put = (text, x, y, anchor) => {
    text.removeAttribute("transform");
    text.setAttribute("x", x);
    text.setAttribute("y", y);
    text.style.textAnchor = anchor;
  };
  const lines = (text, most) => (text.textContent.match(PIECE) ?? []).reduce((found, piece) => {
    if (found.length && width(text, found.at(-1) + piece.trimEnd()) <= most) found[found.length - 1] += piece;
    else found.push(piece);
    return found;
  }, []);
  // A text in as many lines as it needs, the first one at y; returns how many.
  const write = (text, x, y, anchor, most) => {
    const found = lines(text, most), rest = found.slice(1).map((words) => Object.assign(text.cloneNode(), { textContent: words }));
    text.textContent = found[0];
    text.after(...rest);
    [text, ...rest].forEach((one, n) => put(one, x, y + n * LINE, anchor));
    return found.length;
  };
  const inside = (group, part) => [...group.children].filter((one) => one.id.includes(`-${part}`));
  const field = (axes) => {
    const corners = [...inside(axes, "patch_")[0].querySelector("path").getAttribute("d").matchAll(PAIR)];
    const [x, y] = [1, 2].map((n) => corners.map((corner) => Number(corner[n])));
    return { axes, left: Math.min(...x), right: Math.max(...x), top: Math.min(...y), bottom: Math.max(...y) };
  };

  const lay = (svg, whole) => {
    const panels = inside(svg.querySelector("g"), "axes_").map(field);
    const isKnown = panels.length && !svg.querySelector("[id*=legend_], image")
      && panels.every((one, n) => panels.every((other, m) => n === m || one.right < other.left || other.right < one.left || one.bottom < other.top || other.bottom < one.top));
    if (!isKnown) return false;
    for (const text of svg.querySelectorAll("text")) text.style.fontSize = `${Math.max(LEAST, 1.1 * size(text))}px`;
    for (const panel of panels) {
      const [x, y] = inside(panel.axes, "matplotlib.axis");
      // A name of several lines gets a line of its own.
      for (const group of y.querySelectorAll("[id*=ytick]")) {
        const [text, ...more] = group.querySelectorAll("text");
        if (!more.length) continue;
        const level = [text, ...more].reduce((sum, one) => sum + place(one)[1], 0) / (1 + more.length);
        put(text, place(text)[0], level, "end");
        text.textContent = [text, ...more].map((one) => one.textContent).reduce((all, words) => all + (/[\u2e80-\uffef]$/.test(all) ? "" : " ") + words);
        for (const one of more) one.remove();
      }
      // Lines that lead to labels: these come to stand elsewhere.
      for (const path of panel.axes.querySelectorAll("[id*=patch_] > path")) {
        if ([...path.getAttribute("d").matchAll(PAIR)].some((point) => point[1] > panel.right + 2)) path.remove();
      }
      Object.assign(panel, { x, y, names: [...y.querySelectorAll("[id*=ytick] text")] });
      panel.isMirrored = panel.names.some((text) => place(text)[0] > panel.right);
    }
    const [first] = panels, isAcross = !first.isMirrored && first.names.some((text) => width(text) > 52);
    const isBeside = isAcross || panels.some((panel) => panel.isMirrored);
    const columns = isBeside ? panels.length : panels.length > 4 ? 2 : 1;
    const gap = first.isMirrored ? GAP : 14, wide = (whole - gap * (columns - 1)) / columns;
    // Fields of one scale have their numbers once: where they are parted, each gets them.
    if (!isBeside) for (const panel of panels) {
      if (panel.names.length) continue;
      const shown = panels.find((one) => one.names.length && one.top === panel.top);
      panel.names = (shown?.names ?? []).map((text) => panel.y.appendChild(text.cloneNode(true)));
    }
    const rows = isAcross ? first.names.map((text) => place(text)[1] - 4).sort((a, b) => a - b) : [];
    const name = isAcross ? Math.max(...first.names.map((text) => lines(text, whole).length)) : 0;
    const pitch = rows.length > 1 ? Math.max(rows[1] - rows[0], 23 + LINE * name) : 0;
    let top = 0, below = 0;

    panels.forEach((panel, n) => {
      const { axes, left, right } = panel, column = n % columns, from = column * (wide + gap);
      if (!column) top = below;
      const numbers = isAcross || panel.isMirrored ? 0 : Math.max(0, ...panel.names.map((text) => width(text)));
      const side = isBeside ? 0 : numbers + 6, start = from + side;
      const own = inside(axes, "text_").map((group) => [...group.querySelectorAll("text")]);
      // Values that stand right of their bars have room there.
      const beyond = isAcross ? own.flat().filter((text) => text.style.textAnchor === "start" && place(text)[1] > panel.top)
        .map((text) => width(text) + 8 - (right - place(text)[0]) * wide / (right - left)) : [];
      const end = from + wide - (isBeside ? Math.min(Math.max(2, ...beyond), wide / 3) : 12);

      // What stands above the field, one below the other; words of one line stay in it while it has room.
      // So do words that say in the field what its colours mean.
      const isHead = (text) => {
        const [x, y] = place(text);
        return y < panel.top - 1 || (!isBeside && (text.style.textAnchor || "start") === "start"
          && x < left + 0.6 * (right - left) && y < panel.top + 0.35 * (panel.bottom - panel.top));
      };
      const heads = own.filter(([text]) => isHead(text)).flat().sort((one, other) => place(one)[1] - place(other)[1]);
      heads.push(...[...panel.y.children].flatMap((group) => group.id.includes("-text_") ? [...group.querySelectorAll("text")] : []));
      let down = top + 12, along = 0, before;
      for (const text of heads) {
        const level = place(text)[1], is_beside = Math.abs(level - before) < 2 && from + along + width(text) <= from + wide;
        if (before !== undefined && !is_beside) [down, along] = [down + LINE, 0];
        down += (write(text, from + along, down, "start", wide) - 1) * LINE;
        [along, before] = [along + width(text) + 12, level];
      }
      panel.head = heads.length ? down + 6 : top + 6;
      panel.shape = { column, from, start, end, own: own.filter(([text]) => !heads.includes(text)) };
      below = Math.max(below, panel.head);
      if (column < columns - 1 && n < panels.length - 1) return;

      // The fields of one row begin at one height.
      const begin = below;
      for (const one of panels.slice(n - column, n + 1)) {
        const { shape } = one, drawn = one.bottom - one.top;
        // Many names above their lines need room.
        const named = shape.own.filter(([text]) => (text.style.textAnchor || "start") === "start" && place(text)[0] >= one.right - 8).length;
        const tall = rows.length ? drawn : first.isMirrored ? 280 : panels.length > 2 ? 130 : panels.length > 1 ? 180 : Math.max(48 * named, Math.min(240, 0.9 * drawn));
        const right_ = (x) => shape.start + (x - one.left) * (shape.end - shape.start) / (one.right - one.left);
        const row = (y) => rows.reduce((best, at, i) => Math.abs(at - y) < Math.abs(rows[best] - y) ? i : best, 0);
        const center = (i) => begin + LINE * name + rows[0] - one.top + i * pitch;
        const down_ = (y) => isAcross ? center(row(y)) + y - rows[row(y)] : begin + (y - one.top) * tall / (one.bottom - one.top);
        below = Math.max(below, draw(svg, one, { right: right_, down: down_ }, { isAcross, whole, wide, gap, name }));
      }
    });
    const ground = inside(svg.querySelector("g"), "patch_")[0]?.querySelector("path");
    ground?.setAttribute("d", `M 0 0 L ${whole} 0 L ${whole} ${below} L 0 ${below} z`);
    svg.setAttribute("viewBox", `0 0 ${whole} ${below}`);
    return true;
  };

  // Moves what a field holds; returns where it ends, with what stands below it.
  const draw = (svg, panel, to, { isAcross, whole, wide, gap, name }) => {
    const { axes, names, shape } = panel, { from, start, end, own } = shape;
    const moved = (d, x = 0, y = 0) => d.replace(PAIR, (_, a, b) => `${to.right(Number(a) + x)} ${to.down(Number(b) + y)}`);
    for (const one of axes.querySelectorAll("[id*=text_] > [id*=patch_]")) one.remove();
    for (const path of axes.querySelectorAll("path")) if (!path.closest("defs")) path.setAttribute("d", moved(path.getAttribute("d")));
    const clips = new Set([...axes.querySelectorAll("[clip-path]")].map((one) => one.getAttribute("clip-path").slice(5, -1)));
    for (const rect of [...clips].map((id) => svg.querySelector(`[id="${id}"] rect`))) {
      const { x, y, width: w, height: h } = Object.fromEntries(["x", "y", "width", "height"].map((key) => [key, Number(rect.getAttribute(key))]));
      const [x0, x1, y0, y1] = [to.right(x), to.right(x + w), to.down(y), to.down(y + h)];
      for (const [key, value] of Object.entries({ x: x0, y: y0, width: x1 - x0, height: y1 - y0 })) rect.setAttribute(key, value);
    }
    for (const use of axes.querySelectorAll("use")) {
      const [x, y] = ["x", "y"].map((key) => Number(use.getAttribute(key)));
      const isBand = use.closest("[id*=FillBetween]");
      if (isBand) {
        const path = svg.querySelector(`[id="${use.getAttribute("xlink:href").slice(1)}"]`);
        path.setAttribute("d", moved(path.getAttribute("d"), x, y));
      }
      use.setAttribute("x", isBand ? 0 : to.right(x));
      use.setAttribute("y", isBand ? 0 : to.down(y));
    }

    const bottom = to.down(panel.bottom), ticks = [...panel.x.querySelectorAll("[id*=xtick] text")];
    const apart = ticks.length > 1 ? Math.abs(to.right(place(ticks[1])[0]) - to.right(place(ticks[0])[0])) : whole;
    const every = Math.ceil((Math.max(...ticks.map((text) => width(text))) + 6) / apart);
    ticks.forEach((text, i) => {
      if (i % every) return text.remove();
      const x = to.right(place(text)[0]), half = width(text) / 2;
      put(text, Math.max(from + half, Math.min(x, from + wide - half + 1)), bottom + 15, "middle");
    });
    let under = bottom + 20;
    for (const text of [...panel.x.children].flatMap((group) => group.id.includes("-text_") ? [...group.querySelectorAll("text")] : [])) {
      under += LINE * write(text, (start + end) / 2, under + 10, "middle", wide);
    }
    for (const text of names) {
      const [x, y] = place(text);
      // Over all fields, whose grounds would hide them.
      if (isAcross) svg.querySelector("g").append(text);
      if (isAcross) write(text, 0, to.down(y - 4) - 14 - LINE * (Math.min(name, lines(text, whole).length) - 1), "start", whole);
      else if (x > panel.right) put(text, end + gap / 2, to.down(y - 3.5) + 4, "middle");
      else put(text, start - 5, to.down(y - 3.5) + 4, "end");
    }

    // Names of lines stand above their ends, apart from each other.
    const ends = [];
    for (const texts of own) {
      const [x, y] = place(texts[0]), [text] = texts, anchor = text.style.textAnchor || "start";
      for (const one of texts) Object.assign(one.style, { paintOrder: "stroke", stroke: "#fff", strokeWidth: `${AIR}px`, strokeLinejoin: "round" });
      const most = Math.max(...texts.map((one) => width(one)));
      const line = [...axes.querySelectorAll("[id*=line2d] > path")].filter((path) => path.style.stroke === text.style.fill && path.style.fill === "none")
        .flatMap((path) => [...path.getAttribute("d").matchAll(PAIR)]).filter((point) => point[1] > end - most - AIR).map((point) => Number(point[2]));
      if (!isAcross && anchor === "start" && (x >= panel.right - 8 || (line.length && to.right(x) + most > end + 6))) {
        // Above the highest place of its own line that it would stand on.
        ends.push({ texts, y, tall: LINE * texts.length, lowest: Math.max(...line), at: (line.length ? Math.min(...line) : to.down((y + place(texts.at(-1))[1]) / 2 - 3)) - 5 });
      } else if (isAcross) {
        const side = anchor === "end" ? -6 : 6, long = width(text), at = to.right(x - side) + side;
        const kept = anchor === "end" ? Math.max(from + long, at) : Math.min(at, from + wide - long);
        put(text, kept, to.down(y - 4) + 4, anchor);
      } else {
        const half = anchor === "middle" ? most / 2 : 0, last = anchor === "start" ? end + 10 - most : end - half;
        texts.forEach((one, i) => put(one, Math.max(start + half, Math.min(to.right(x), last)), to.down(y - 4) + 4 + i * LINE, anchor));
      }
    }
    // In the order in which they were drawn beside the ends.
    ends.sort((one, other) => other.y - one.y);
    // Of many the lowest stands below its line while there is room.
    if (ends.length > 4 && ends[0].lowest + LINE < bottom - AIR) ends[0].at = ends[0].lowest + LINE;
    ends.forEach((one, i) => { if (i) one.at = Math.min(one.at, ends[i - 1].at - ends[i - 1].tall); });
    ends.reverse().forEach((one, i) => { one.at = Math.max(one.at, i ? ends[i - 1].at + one.tall : to.down(panel.top) + one.tall - AIR); });
    for (const { texts, at } of ends) texts.forEach((one, i) => put(one, end, at - LINE * (texts.length - 1 - i), "end"));
    return under + 10;
  };

  const fit = () => {
    for (const figure of document.querySelectorAll("figure.chart:not(.live)")) {
      const plot = figure.querySelector(".plot"), svg = plot?.querySelector("svg");
      if (!svg) continue;
      const original = drawn.get(figure) ?? svg;
      // In a closed fold nothing has a width; a page has a margin of a letter on both sides.
      const whole = plot.clientWidth || document.documentElement.clientWidth - 32;
      const copy = window_.matches ? original.cloneNode(true) : original;
      const isLaid = window_.matches && lay(copy, whole);
      figure.classList.toggle("narrow", Boolean(isLaid));
      drawn.set(figure, original);
      svg.replaceWith(isLaid ? copy : original);
    }
  };
  // The picture as it was drawn, also where another stands in its place.
  Object.assign((window.eldercare ??= {}), { drawn: (figure) => drawn.get(figure) ?? figure.querySelector(".plot svg") });
  window_.addEventListener("change", fit);
  addEventListener("resize", () => { if (window_.matches) fit(); });
  if (window_.matches) fit();
})();
