// The sliders of a county's bed page: redraws the ratio and the numbers from the draws that the page carries.
// Counts as the model does: crossing years over paths, quantiles of gaps by linear interpolation.
"use strict";
(() => {
  const tool = document.getElementById("what-if-tool");
  const form = tool && tool.querySelector("form");
  if (!form) return;
  const data = JSON.parse(tool.querySelector('script[type="application/json"]').textContent);
  const { years, frame, texts, base } = data;
  const part = (name) => tool.querySelector(`[data-part="${name}"]`);

  const unpack = ({ low, step, draws, levels }) => {
    const bytes = Uint8Array.from(atob(levels), (c) => c.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return low.map((least, t) =>
      Float64Array.from({ length: draws }, (_, d) => least + step[t] * view.getUint16(2 * (t * draws + d), true)));
  };
  const elders = unpack(data.elders);
  const sorted = elders.map((row) => row.slice().sort());
  const draws = data.elders.draws;
  const shares = [0.1, 0.5, 0.9];

  const quantile = (values, q) => {
    const place = q * (values.length - 1), below = Math.floor(place);
    const above = Math.min(below + 1, values.length - 1);
    return values[below] + (values[above] - values[below]) * (place - below);
  };

  const compute = (norm, pace, occupancy) => {
    const built = years.map((year) => Math.max(year - data.firstYear + 1, 0));
    const supply = built.map((n) => data.start + pace * n);
    const first = Array.from({ length: draws }, (_, d) => {
      const t = years.findIndex((_, i) => supply[i] * 1000 / elders[i][d] < norm);
      return t < 0 ? Infinity : years[t];
    }).sort((a, b) => a - b);
    const need = occupancy === base.occupancy ? data.need : data.planned.map((row) => row.map((n) => n / occupancy));
    return {
      supply,
      // More elders make a smaller ratio: its low end comes from the high end of the elders.
      ratio: shares.map((q) => sorted.map((row, t) => {
        const place = (1 - q) * (draws - 1), below = Math.floor(place + 1e-9), rest = place - below;
        const at = (i) => supply[t] * 1000 / row[Math.min(i, draws - 1)];
        return rest > 1e-9 ? at(below) + (at(below + 1) - at(below)) * rest : at(below);
      })),
      gap: shares.map((q) => sorted.map((row, t) => quantile(row, q) * norm / 1000 - supply[t])),
      need: need.map((row) => row.map((n, t) => n - data.startInstitution - pace * data.share * built[t])),
      crossed: shares.map((q) => first[Math.ceil(draws * q - 1e-9) - 1]),
    };
  };

  const number = (value, decimals = 0) => {
    const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    const text = value.toLocaleString("en-US", options);
    return (Number(text.replace(/,/g, "")) === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
  };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  const x = (year) => frame.left + (year - years[0]) / (years[years.length - 1] - years[0])
    * (frame.width - frame.left - frame.right);
  const y = (value) => frame.top + (1 - value / data.limit) * (frame.height - frame.top - frame.bottom);
  const line = (values) => values.map((value, t) => `${x(years[t]).toFixed(1)},${y(value).toFixed(1)}`);

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
    const [low, middle, high] = result.ratio.map(line);
    part("line").setAttribute("points", middle.join(" "));
    part("band").setAttribute("points", [...low, ...high.reverse()].join(" "));
    part("norm").setAttribute("transform", `translate(0 ${y(norm).toFixed(1)})`);
    part("norm-label").textContent = fill(texts.normLabel, { norm: number(norm) });
    const year = result.crossed[1];
    const inside = Number.isFinite(year) && year > years[0];
    part("mark").setAttribute("transform", `translate(${inside ? x(year).toFixed(1) : -100} 0)`);
    const late = inside && year > years[years.length - 1] - 5;
    part("mark-label").setAttribute("text-anchor", late ? "end" : "start");
    part("mark-label").setAttribute("x", late ? -6 : 6);
    part("mark-label").textContent = inside ? fill(texts.year, { year }) : "";
    for (const at of data.shown) {
      const t = years.indexOf(at);
      const cell = (name, text) => { tool.querySelector(`[data-cell="${name}-${at}"]`).textContent = text; };
      cell("supply", number(result.supply[t]));
      for (const [name, decimals] of [["ratio", 1], ["gap", 0], ["need", 0]]) {
        const [p10, p50, p90] = result[name].map((row) => row[t]);
        cell(name, number(p50, decimals));
        cell(`${name}-range`, `(${fill(texts.interval, { low: number(p10, decimals), high: number(p90, decimals) })})`);
      }
    }
    const when = year === Infinity ? "never" : year <= years[0] ? "already" : "from";
    const gap = result.gap[1][years.indexOf(data.until)];
    const words = { norm: number(norm), year, first: years[0], last: years[years.length - 1], until: data.until };
    words.gap = number(Math.abs(gap));
    const answer = fill(texts[when], words) + texts.space + fill(texts[gap > 0 ? "short" : "spare"], words);
    part("answer").textContent = answer;
    tool.querySelector("desc").textContent = answer;
  };

  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  // A browser may have kept the values of an earlier visit.
  form.reset();
  const untouched = Object.fromEntries(Object.keys(base).map((name) => [name, form[name].value]));
  form.hidden = false;
})();
