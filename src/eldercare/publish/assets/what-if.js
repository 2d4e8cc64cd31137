// The sliders of a county's bed page: computes and draws the ratio and the numbers from the draws that the page carries.
// Counts as the model does: crossing years over paths, means and quantiles over draws.
"use strict";
(() => {
  const tool = document.getElementById("what-if-tool");
  if (!tool) return;
  const form = tool.querySelector("form");
  const data = JSON.parse(tool.querySelector('script[type="application/json"]').textContent);
  const { years, texts, base, colours } = data;
  const last = years[years.length - 1];
  const part = (name) => tool.querySelector(`[data-part="${name}"]`);

  const unpack = ({ low, step, draws, levels }) => {
    const view = new DataView(Uint8Array.from(atob(levels), (c) => c.charCodeAt(0)).buffer);
    return low.map((least, t) =>
      Float64Array.from({ length: draws }, (_, d) => least + step[t] * view.getUint16(2 * (t * draws + d), true)));
  };
  const [elders, stock, institutions, planned, need] =
    [data.elders, data.stock, data.institutions, data.planned, data.need].map(unpack);
  const draws = data.elders.draws;
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const quantile = (sorted, q) => {
    const place = q * (sorted.length - 1), below = Math.floor(place + 1e-9);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * Math.max(place - below, 0);
  };
  // Low end, mean and high end of every year.
  const central = (rows) => {
    const sorted = rows.map((row) => row.slice().sort());
    return [sorted.map((row) => quantile(row, 0.1)), rows.map(mean), sorted.map((row) => quantile(row, 0.9))];
  };
  // The year that half of the paths have reached.
  const middle = (reached) => Float64Array.from(reached).sort()[Math.ceil(draws * 0.5 - 1e-9) - 1];

  const compute = (norm, pace, occupancy) => {
    const built = years.map((year) => Math.max(year - data.firstYear + 1, 0));
    const supply = stock.map((row, t) => row.map((beds) => beds + pace * built[t]));
    const ratio = elders.map((row, t) => row.map((n, d) => supply[t][d] * 1000 / n));
    const below = Array.from({ length: draws }, (_, d) => years.filter((_, t) => ratio[t][d] < norm));
    const wanted = occupancy === base.occupancy ? need : planned.map((row) => row.map((n) => n / occupancy));
    const opened = data.shown.map((year) => pace * data.share * built[years.indexOf(year)]);
    return {
      supply: central(supply),
      ratio: central(ratio),
      gap: central(elders.map((row, t) => row.map((n, d) => n * norm / 1000 - supply[t][d]))),
      need: central(wanted.map((row, i) => row.map((n, d) => n - institutions[i][d] - opened[i]))),
      crossed: middle(below.map((of) => of[0] ?? Infinity)),
      again: middle(below.map((of) => of.length ? (of.at(-1) < last ? of.at(-1) + 1 : Infinity) : years[0])),
    };
  };

  const number = (value, decimals = 0) => {
    const text = value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    return (Number(text.replace(/,/g, "")) === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
  };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  const box = { width: 480, height: 310, left: 38, right: 22, top: 34, bottom: 28 };
  const x = (year) => box.left + (year - years[0]) / (last - years[0]) * (box.width - box.left - box.right);
  const y = (value) => box.top + (1 - value / data.limit) * (box.height - box.top - box.bottom);
  const shape = (name, given, text = "") => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(given)) node.setAttribute(key, value);
    node.textContent = text;
    return node;
  };
  const line = (values) => values.map((value, t) => `${x(years[t]).toFixed(1)},${y(value).toFixed(1)}`);

  const draw = (result, norm) => {
    const svg = shape("svg", { viewBox: `0 0 ${box.width} ${box.height}`, "font-size": 14, fill: "currentColor", "aria-hidden": true });
    const right = box.width - box.right, bottom = box.height - box.bottom;
    svg.append(shape("text", { x: 0, y: 16 }, texts["beds.axis_ratio"]));
    for (let value = 0; value <= data.limit; value += 20) {
      svg.append(shape("line", { x1: box.left, x2: right, y1: y(value), y2: y(value), stroke: colours.grid }));
      svg.append(shape("text", { x: box.left - 7, y: y(value) + 5, "text-anchor": "end" }, number(value)));
    }
    for (let year = years[0]; year <= last; year += 10) {
      svg.append(shape("text", { x: x(year), y: box.height - 8, "text-anchor": "middle" }, year));
    }
    const clip = shape("clipPath", { id: "what-if-clip" });
    clip.append(shape("rect", { x: box.left, y: box.top, width: right - box.left, height: bottom - box.top }));
    const inside = shape("g", { "clip-path": "url(#what-if-clip)" });
    const [low, middle, high] = result.ratio.map(line);
    inside.append(shape("polygon", { fill: colours.band, "fill-opacity": 0.18, points: [...low, ...high.reverse()].join(" ") }));
    inside.append(shape("polyline", { fill: "none", stroke: colours.line, "stroke-width": 3, points: middle.join(" ") }));
    svg.append(clip, inside);
    svg.append(shape("line", { x1: box.left, x2: right, y1: y(norm), y2: y(norm), stroke: colours.norm, "stroke-width": 1.6 }));
    svg.append(shape("text", { x: right, y: y(norm) - 6, "text-anchor": "end" }, fill(texts["beds.line_norm"], { norm: number(norm) })));
    if (Number.isFinite(result.crossed) && result.crossed > years[0]) {
      const at = x(result.crossed), late = result.crossed > last - 5;
      svg.append(shape("line", { x1: at, x2: at, y1: box.top, y2: bottom, stroke: colours.mark, "stroke-width": 2, "stroke-dasharray": "4 3" }));
      svg.append(shape("text", { x: at + (late ? -6 : 6), y: box.top + 12, fill: colours.mark, "font-weight": 700, "text-anchor": late ? "end" : "start" }, result.crossed));
    }
    part("plot").replaceChildren(svg);
  };

  // A slider holds whole steps; where it has not been moved, the scenario's own value counts.
  const read = (name, per = 1) =>
    form[name].value === untouched[name] ? base[name] : Number(form[name].value) / per;

  const show = () => {
    const norm = read("norm"), pace = read("pace"), occupancy = read("occupancy", 100);
    const result = compute(norm, pace, occupancy);
    const shown = { norm: number(norm), pace: number(pace), occupancy: `${number(occupancy * 100)}%` };
    for (const [name, text] of Object.entries(shown)) {
      form[name].setAttribute("aria-valuetext", text);
      form.querySelector(`output[for="what-if-${name}"]`).textContent = text;
    }
    draw(result, norm);
    for (const [i, year] of data.shown.entries()) {
      const t = years.indexOf(year);
      const cell = (name, text) => { tool.querySelector(`[data-cell="${name}-${year}"]`).textContent = text; };
      for (const [name, decimals, place] of [["supply", 0, t], ["ratio", 1, t], ["gap", 0, t], ["need", 0, i]]) {
        const [low, middle, high] = result[name].map((row) => number(row[place], decimals));
        cell(name, middle);
        cell(`${name}-range`, fill(texts["page.from_to"], { low, high }));
      }
    }
    const year = result.crossed;
    const when = year === Infinity ? "never" : year <= years[0] ? "already" : "from";
    const gap = result.gap[1][years.indexOf(data.until)];
    const again = result.again;
    const words = { norm: number(norm), year, again, first: years[0], last, until: data.until, gap: number(Math.abs(gap)) };
    const said = [when, gap > 0 ? "short" : "spare"];
    if (when !== "never") said.splice(1, 0, again === Infinity ? "not_again" : "again");
    part("answer").textContent = said.map((name) => fill(texts[`what_if.${name}`], words)).join(texts["page.space"]);
  };

  for (const [name, [min, max, step]] of Object.entries(data.sliders)) {
    Object.assign(form[name], { min, max, step });
    form[name].defaultValue = name === "occupancy" ? base[name] * 100 : base[name];
  }
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  // A browser may have kept the values of an earlier visit.
  form.reset();
  const untouched = Object.fromEntries(Object.keys(base).map((name) => [name, form[name].value]));
  tool.hidden = false;
  show();
})();
