// The builder of scenarios on the page about scenarios: makes its controls, computes from the draws that the page carries, and
// draws. Counts as the model does: crossing years over paths, means and quantiles over draws.
"use strict";
(() => {
  const tool = document.getElementById("what-if-tool");
  if (!tool) return;
  const data = JSON.parse(tool.querySelector('script[type="application/json"]').textContent);
  const { years, base, bounds, colours, shown } = data;
  const end = years[years.length - 1], kinds = ["institution", "home_care_centre"];
  const say = (name, values = {}) => {
    const text = data.texts[name.includes(".") ? name : `what_if.${name}`];
    return text.replace(/\{(\w+)\}/g, (whole, field) => field in values ? values[field] : whole);
  };
  const make = (name, given = {}, ...inside) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(given)) node.setAttribute(key, value);
    node.append(...inside);
    return node;
  };

  const unpack = ({ low, step, draws, size, levels }) => {
    const bytes = Uint8Array.from(atob(levels), (c) => c.charCodeAt(0));
    const steps = (at) => bytes.subarray(size * at, size * (at + 1)).reduceRight((sum, byte) => 256 * sum + byte, 0);
    return low.map((least, t) =>
      Float64Array.from({ length: draws }, (_, d) => least + step[t] * steps(t * draws + d)));
  };
  const unpacked = (parts) => Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, unpack(part)]));
  const elders = unpack(data.elders), meals = unpacked(data.meals), planned = unpack(data.planned), need = unpack(data.need);
  const parts = Object.fromEntries([...Object.entries(data.stock), ["served", data.served]].map(([name, part]) =>
    [name, { ...part, units: unpack(part.rows ?? part.ends) }]));
  const draws = planned[0].length;
  if (Object.values(parts).some((part) => part.rows)) delete bounds.first;

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

  // What there is before anything is built: a number of one's own, or what is left of the last count.
  const before = (name, set) => {
    const of = parts[name];
    if (set[name] !== base[name]) return years.map(() => new Float64Array(draws).fill(set[name]));
    if (of.rows) return of.units;
    const [whole, slope] = of.units, last = set.first - 1;
    return years.map((year) => {
      const passed = Math.min(Math.max(year - of.counted, 0), Math.max(last - of.counted, 0));
      const lost = passed / Math.max(last - data.report, 1);
      return whole.map((units, d) => units + lost * slope[d]);
    });
  };

  const compute = (set) => {
    const steps = years.map((year) => Math.max(Math.min(year, set.last) - set.first + 1, 0));
    const added = (kind) => set.plan === "own" ? data.own[kind]
      : steps.map((n) => n * set.pace * (kind === "institution" ? data.share : 1 - data.share));
    const built = Object.fromEntries(kinds.map((kind) => [kind, added(kind)]));
    const of = Object.fromEntries(kinds.map((kind) =>
      [kind, before(kind, set).map((row, t) => row.map((beds) => Math.max(beds + built[kind][t], 0)))]));
    const supply = years.map((_, t) => of.institution[t].map((beds, d) => beds + of.home_care_centre[t][d]));
    const people = elders;
    const ratio = people.map((row, t) => row.map((n, d) => supply[t][d] * 1000 / n));
    const below = Array.from({ length: draws }, (_, d) => years.filter((_, t) => ratio[t][d] < set.norm));
    const wanted = set.occupancy === base.occupancy ? need : planned.map((row) => row.map((n) => n / set.occupancy));
    const eaten = set.uptake === base.uptake ? meals.wanted : meals.wanted_at_full_uptake.map((row) => row.map((n) => n * set.uptake));
    const at = shown.map((year) => years.indexOf(year)), served = before("served", set);
    const spent = at.map((t) => (Math.max(built.institution[t], 0) * set.capital + Math.max(built.home_care_centre[t], 0) * data.centre) / data.yuan);
    return {
      supply: central(supply),
      ratio: central(ratio),
      gap: central(people.map((row, t) => row.map((n, d) => n * set.norm / 1000 - supply[t][d]))),
      need: central(wanted.map((row, i) => row.map((n, d) => n - of.institution[at[i]][d]))),
      meals: central(eaten.map((row, i) => row.map((n, d) => n - served[at[i]][d]))),
      cost: [spent, spent, spent],
      crossed: middle(below.map((years) => years[0] ?? Infinity)),
      again: middle(below.map((of) => of.length ? (of.at(-1) < end ? of.at(-1) + 1 : Infinity) : years[0])),
    };
  };

  const number = (value, decimals = 0) => {
    const text = value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    return (Number(text.replace(/,/g, "")) === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
  };

  // Controls: a number with its slider, or a choice; percent are shown as such.
  const percent = new Set(["occupancy", "uptake"]);
  const choices = { plan: ["own", "even"] };
  const form = make("form", { "aria-label": say("controls") });
  for (const [name, options] of Object.entries(choices)) {
    const select = make("select", { id: `what-if-${name}`, name }, ...options.map((one) => make("option", { value: one }, say(`${name}_${one}`))));
    form.append(make("p", {}, make("label", { for: `what-if-${name}` }, say(name)), select));
  }
  for (const [name, [min, max, step]] of Object.entries(bounds)) {
    const value = percent.has(name) ? +(base[name] * 100).toFixed(2) : base[name];
    const given = { min, max, step, value };
    form.append(make("p", {}, make("label", { for: `what-if-${name}` }, say(name)),
      make("input", { type: "number", id: `what-if-${name}`, name, ...given, step: "any" }),
      make("input", { type: "range", "aria-hidden": true, "data-of": name, tabindex: -1, ...given })));
  }
  const saved = make("p", { class: "saved", role: "status" });
  const save = make("button", { type: "button" }, say("save"));
  form.append(make("button", { type: "reset" }, say("reset")), " ", ...(data.save ? [save, saved] : []));
  const plot = make("div", { class: "plot", role: "img", "aria-label": say("title"), "data-part": "plot" });
  const answer = make("p", { class: "finding", "data-part": "answer" });
  // Heard once, after a pause, and not at every key.
  const spoken = make("p", { class: "unseen", role: "status", "data-part": "spoken" });
  let pause = 0, isMoved = false;
  const figure = make("figure", { class: "chart live" }, make("figcaption", {}, say("title")), plot, answer, make("p", { class: "source" }, say("beds.source")));
  const rows = { supply: 0, ratio: 1, gap: 0, need: 0, meals: 0, cost: 0 };
  const cell = (name, year) => make("td", { class: "num" }, make("span", { "data-cell": `${name}-${year}` }), " ", make("small", { "data-cell": `${name}-range-${year}` }));
  const table = make("div", { class: "table-box" },
    make("table", { class: "data" }, make("caption", {}, make("span", {}, say("caption"))),
      make("thead", {}, make("tr", {}, make("td"), ...shown.map((year) => make("th", { class: "num", scope: "col" }, year)))),
      make("tbody", {}, ...Object.keys(rows).map((name) =>
        make("tr", {}, make("th", { scope: "row" }, say(`r_${name}`)), ...shown.map((year) => cell(name, year)))))));
  tool.prepend(make("p", {}, say("intro")), make("div", { class: "bench" }, make("div", {}, figure, table), form), spoken, make("p", { class: "note" }, say("same")));

  const box = { width: 480, height: 310, left: 38, right: 22, top: 34, bottom: 28 };
  const x = (year) => box.left + (year - years[0]) / (end - years[0]) * (box.width - box.left - box.right);
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
    svg.append(shape("text", { x: 0, y: 16 }, say("beds.axis_ratio")));
    for (let value = 0; value <= data.limit; value += 20) {
      svg.append(shape("line", { x1: box.left, x2: right, y1: y(value), y2: y(value), stroke: colours.grid }));
      svg.append(shape("text", { x: box.left - 7, y: y(value) + 5, "text-anchor": "end" }, number(value)));
    }
    for (let year = Math.ceil(years[0] / 10) * 10; year <= end; year += 10) {
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
    svg.append(shape("text", { x: right, y: y(norm) - 6, "text-anchor": "end" }, say("beds.line_norm", { norm: number(norm) })));
    if (Number.isFinite(result.crossed) && result.crossed > years[0]) {
      const at = x(result.crossed), late = result.crossed > end - 5;
      svg.append(shape("line", { x1: at, x2: at, y1: box.top, y2: bottom, stroke: colours.mark, "stroke-width": 2, "stroke-dasharray": "4 3" }));
      svg.append(shape("text", { x: at + (late ? -6 : 6), y: box.top + 12, fill: colours.mark, "font-weight": 700, "text-anchor": late ? "end" : "start" }, result.crossed));
    }
    plot.replaceChildren(svg);
  };

  // What is set: a value that cannot be read, or was not moved, is the scenario's own.
  const settings = () => {
    const set = { ...base, plan: form.plan.value };
    for (const [name, [min, max]] of Object.entries(bounds)) {
      const field = form[name], value = Number(field.value);
      if (field.value === field.defaultValue || field.value === "" || value < min || value > max) continue;
      set[name] = percent.has(name) ? value / 100 : value;
    }
    return set;
  };
  const changed = (set) => Object.keys(set).filter((name) => set[name] !== base[name]);

  const show = () => {
    const set = settings(), result = compute(set);
    // A pace that is moved is a plan of its own.
    for (const name of ["pace", "first", "last"]) {
      for (const field of form.querySelectorAll(`[name="${name}"], [data-of="${name}"]`)) field.disabled = set.plan === "own";
    }
    draw(result, set.norm);
    for (const [i, year] of shown.entries()) {
      const t = years.indexOf(year);
      const put = (name, text) => { tool.querySelector(`[data-cell="${name}-${year}"]`).textContent = text; };
      for (const [name, decimals] of Object.entries(rows)) {
        const place = result[name][0].length === years.length ? t : i;
        const [low, middle, high] = result[name].map((row) => number(row[place], decimals));
        put(name, middle);
        put(`${name}-range`, low === high ? "" : say("page.from_to", { low, high }));
      }
    }
    const year = result.crossed, again = result.again, gap = result.gap[1][years.indexOf(data.until)];
    const when = year === Infinity ? "never" : year <= years[0] ? "already" : "from";
    const yuan = number(result.cost[1][shown.indexOf(data.until)]);
    const words = { norm: number(set.norm), year, again, start: years[0], end, until: data.until, gap: number(Math.abs(gap)), yuan };
    const said = [when, gap > 0 ? "short" : "spare", ...(yuan === "0" ? [] : ["costs"])];
    if (when !== "never") said.splice(1, 0, again === Infinity ? "not_again" : "again");
    answer.textContent = said.map((name) => say(name, words)).join(say("page.space"));
    clearTimeout(pause);
    pause = setTimeout(() => { spoken.textContent = isMoved ? answer.textContent : ""; }, 800);
    const query = changed(set).map((name) => `${name}=${percent.has(name) ? +(set[name] * 100).toFixed(2) : set[name]}`).join("&");
    if (query || location.hash.startsWith("#try?")) history.replaceState(null, "", query ? `#try?${query}` : location.pathname);
  };

  // A scenario file as eldercare reads it: city-wide changes, and those of a county alone.
  const scenario = () => {
    const set = settings(), of = { city: [], own: [] };
    const note = (value, indent) => [`set: ${value}`, "interval: none", "why: {en: Tried on the page about scenarios., zh: 情景页试算。}",
      "source: none", 'locator: "what-if; tried on the page about scenarios"', "evidence: assumption"].map((line) => `${indent}${line}`).join("\n");
    const put = (list, name, value, indent = "  ") => list.push(`${indent}${data.keys[name] ?? name}:\n${note(value, `${indent}  `)}`);
    const county = data.area in data.weights;
    const moved = changed(set).filter((name) => !["plan", "pace", "first", "last"].includes(name));
    for (const name of moved) put(county ? of.own : of.city, name, set[name], county ? "    " : "  ");
    if (set.plan === "even") {
      if (!county) put(of.city, "supply.plan", "steady");
      put(of.city, "first", set.first);
      put(of.city, "last", set.last);
      if (county) put(of.own, "supply.plan", "steady", "    ");
      if (county) put(of.own, "pace", set.pace, "    ");
    }
    const name = `tried_${data.area}`;
    const counties = county ? [`  ${data.area}:`, ...of.own] : set.plan === "even"
      ? Object.entries(data.weights).flatMap(([one, share]) => { const own = []; put(own, "pace", +(set.pace * share).toFixed(4), "    "); return [`  ${one}:`, ...own]; }) : [];
    const text = [`scenario: ${name}`, `label: {en: "Trial, ${data.label.en}", zh: "${data.label.zh}试算"}`,
      'description: {en: "Values tried on the page about scenarios.", zh: "情景页试算的数值。"}',
      of.city.length ? `changes:\n${of.city.join("\n")}` : "changes: {}", ...(counties.length > 1 ? ["county_changes:", ...counties] : [])];
    return [name, `${text.join("\n")}\n`];
  };
  save.addEventListener("click", () => {
    const [name, text] = scenario();
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/yaml" })), download: `${name}.yaml` });
    link.click();
    saved.textContent = say("saved", { name });
  });

  form.addEventListener("input", ({ target }) => {
    isMoved = true;
    const name = target.dataset.of ?? target.name;
    if (target.dataset.of) form[name].value = target.value;
    const slider = form.querySelector(`[data-of="${name}"]`);
    if (slider && slider !== target) slider.value = target.value;
    show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  // A browser may have kept the values of an earlier visit; the address says what was set.
  form.reset();
  for (const [name, value] of new URLSearchParams(location.hash.startsWith("#try?") ? location.hash.slice(5) : "")) {
    if (form[name]) form[name].value = value;
    const slider = form.querySelector(`[data-of="${name}"]`);
    if (slider) slider.value = value;
  }
  tool.hidden = false;
  window.eldercare?.dress?.(tool);
  tool.compute = compute;
  tool.scenario = scenario;
  tool.base = base;
  show();
  if (location.hash.startsWith("#try?")) tool.scrollIntoView();
})();
