// The planner's desk: draws the page from what the server tells, keeps what is being changed, and asks what follows from it.
// Everything shown is put in as text, never as HTML.
"use strict";
(async () => {
  const language = location.pathname.startsWith("/en/") ? "en" : "zh", other = language === "en" ? "zh" : "en";
  const main = document.getElementById("main");
  let about = {};
  const say = (name, values = {}) => {
    const text = about.words[name.includes(".") ? name : `desk.${name}`] ?? name;
    return text.replace(/\{(\w+)\}/g, (whole, field) => values[field] ?? about.names[field] ?? whole);
  };
  const make = (name, given = {}, ...inside) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(given)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== false && value !== undefined) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...inside);
    return node;
  };
  const clone = (value) => JSON.parse(JSON.stringify(value));
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  // ---- the server
  const problems = make("div", { role: "alert", class: "override desk-problems", hidden: true });
  const tell = (found) => {
    for (const row of Object.values(rows)) row.fault("");
    // The longest key that is named: need.x may begin as need.x.y does.
    const keys = Object.keys(about.parameters ?? {}).sort((a, b) => b.length - a.length);
    const said = found.map(({ key, told }) => {
      const about_key = keys.find((one) => key === one || key.includes(`.${one}.`) || key.endsWith(`.${one}`));
      if (about_key) rows[about_key]?.fault(told);
      return make("li", {}, about_key ? `${about.parameters[about_key].label[language]}: ${told}` : told);
    });
    problems.replaceChildren(make("ul", {}, ...said));
    problems.hidden = !found.length;
  };
  const ask = async (action, asked = {}) => {
    let reply;
    try {
      reply = await fetch(`/api/${language}/${action}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked) });
    } catch {
      tell([{ key: "", told: say("lost") }]);
      return null;
    }
    const found = reply.status === 200 || reply.status === 422 ? await reply.json() : { problems: [{ key: "", told: `${reply.status} ${say("lost")}` }] };
    if (found.problems) tell(found.problems);
    return found.problems ? null : found;
  };

  // ---- numbers and words
  const number = (value, decimals = 0) => {
    const text = value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    return (Number(text.replace(/,/g, "")) === 0 ? text.replace("-", "") : text).replace("-", "\u2212");
  };
  const exact = (value) => +value.toFixed(8);
  const scale = (one) => one.unit === "share" ? 100 : 1;
  const written = (one, value) => {
    if (value === null || value === undefined || value === "none") return say("page.not_reported");
    if (one.choices.length) return `page.choice_${value}` in about.words ? say(`page.choice_${value}`) : String(value);
    const shown = exact(value * scale(one));
    const text = one.unit === "year" ? String(shown) : shown.toLocaleString("en-US", { maximumFractionDigits: 6 });
    return text.replace("-", "\u2212") + (one.unit === "share" ? "%" : "");
  };
  const unit = (one) => {
    const own = one.unit === "share" ? "%" : about.lists.units[one.unit][language];
    return one.denominator === "none" ? own : say("page.per", { unit: own, denominator: about.lists.denominators[one.denominator][language] });
  };
  const own = (text) => about.chinese[text] ?? text;
  const title = (source) => source === "none" ? say("page.no_source") : own(about.sources[source] ?? source);

  // ---- what is being changed
  let opened = "", base = {}, draft = {}, area = "", scope = "own", before = {}, values = {}, isSaved = true;
  const counties = () => Object.keys(about.areas).slice(1);
  const isCounty = () => counties().includes(area);
  const place = () => scope === "own" && isCounty() ? area : "";
  const part = (content, where) => (where ? content.county_changes?.[where] : content.changes) ?? {};
  const places = (key, content = draft) => ["", ...counties()].filter((where) => key in part(content, where));
  const changeOf = (key) => (isCounty() ? part(draft, area)[key] : undefined) ?? draft.changes[key];
  const put = (where, key, change) => {
    const into = where ? ((draft.county_changes ??= {})[where] ??= {}) : draft.changes;
    if (change) into[key] = change; else delete into[key];
    if (where && !Object.keys(into).length) delete draft.county_changes[where];
    if (draft.county_changes && !Object.keys(draft.county_changes).length) delete draft.county_changes;
  };
  const change = (key, made) => {
    const where = place(), shared = draft.changes[key];
    if (!where) counties().forEach((county) => put(county, key));
    // What held for all then stands for each county: a key stands once.
    if (where && shared) counties().forEach((county) => put(county, key, clone(shared)));
    if (where && shared) put("", key);
    put(where, key, made);
  };
  const undo = (key) => {
    for (const where of ["", ...counties()]) put(where, key, part(base, where)[key] && clone(part(base, where)[key]));
  };
  const isChanged = (key) => ["", ...counties()].some((where) => !same(part(draft, where)[key], part(base, where)[key]));
  const isMoved = () => Object.keys(about.parameters).some(isChanged);
  const free = (name) => {
    const stem = name.replace(/_\d+$/, "").slice(0, 70);
    for (let n = 2; ; n += 1) if (!(`${stem}_${n}` in about.scenarios)) return `${stem}_${n}`;
  };
  const copied = (content) => {
    const name = free(content.scenario), number_ = name.match(/\d+$/)[0];
    const label = Object.fromEntries(Object.entries(content.label).map(([one, text]) => [one, `${text.replace(/ \d+$/, "")} ${number_}`]));
    return { ...clone(content), scenario: name, label };
  };
  const keep = () => sessionStorage.setItem("desk", JSON.stringify({ opened, digest: about.scenarios[opened].digest, draft, area, scope, isSaved }));

  // ---- parameters
  const rows = {};
  const parameterRow = (key, one) => {
    const id = `p-${key.replace(/\./g, "-")}`;
    const isChoice = one.choices.length > 0, factor = scale(one);
    const [least, most] = isChoice ? [0, 0] : one.bounds.map((end) => exact(end * factor));
    const field = isChoice
      ? make("select", { id }, ...one.choices.map((name) => make("option", { value: name }, written(one, name))))
      : make("input", { type: "number", id, step: "any", inputmode: "decimal", autocomplete: "off", "aria-describedby": `${id}-about ${id}-fault` });
    const slider = isChoice ? null : make("input", { type: "range", "aria-hidden": "true", tabindex: -1 });
    const how = isChoice || one.optional || one.unit === "year" ? null : make("select", { "aria-label": `${say("how")}: ${one.label[language]}` },
      ...["set", "multiply", "add"].map((name) => make("option", { value: name }, say(`how_${name}`))));
    const state = make("span", { class: "desk-state" }), told = make("p", { class: "note", id: `${id}-about` }), fault = make("p", { class: "desk-fault", id: `${id}-fault` });
    const measure = make("span", { class: "desk-unit" }, isChoice ? "" : unit(one));
    const layers = make("p", {}), ground = make("p", {});
    const back = make("button", { type: "button", hidden: true, "aria-label": say("undo_of", { label: one.label[language] }), onclick: () => { undo(key); moved(key); field.focus(); } }, say("undo"));
    const node = make("div", { class: "desk-row", "data-key": key },
      make("p", { class: "desk-name" }, make("label", { for: id }, one.label[language]), " ", make("code", {}, key), " ", state),
      make("p", { class: "desk-control" }, ...(how ? [how] : []), field, measure, back),
      ...(slider ? [slider] : []), told, fault,
      make("details", { class: "more" }, make("summary", {}, say("more")), ground, layers));
    const operation = () => how?.value ?? "set";
    const moveTo = (text) => {
      if (text === "" && !one.optional) return undo(key);
      let value = text;
      if (!isChoice) value = text === "" ? "none" : exact(Number(text) / (operation() === "multiply" ? 1 : factor));
      if (operation() === "set" && same(value === "none" ? null : value, before[key]?.value) && places(key, base).length === 0) return undo(key);
      const old = changeOf(key) ?? { why: { en: "", zh: "" }, source: "none", locator: "", evidence: "assumption" };
      const { set, multiply, add, interval, opens, ...rest } = clone(old);
      const around = Array.isArray(interval) && interval[0] <= value && value <= interval[1] ? interval : "none";
      change(key, { [operation()]: value, ...(operation() === "set" && !isChoice ? { interval: around } : {}), ...rest });
    };
    field.addEventListener("input", () => { moveTo(field.value); moved(key); });
    slider?.addEventListener("input", () => { field.value = slider.value; if (how) how.value = "set"; moveTo(field.value); moved(key); });
    how?.addEventListener("change", () => {
      field.value = how.value === "multiply" ? 1 : how.value === "add" ? 0 : exact(before[key].value * factor);
      moveTo(field.value);
      moved(key);
    });
    const show = () => {
      const made = changeOf(key), now = values[key] ?? before[key];
      if (!now) return;
      const kind = made ? ["multiply", "add"].find((name) => name in made) ?? "set" : "set";
      const value = made ? made[kind] : now.value;
      if (how) how.value = kind;
      if (document.activeElement !== field) field.value = isChoice ? value : value === null || value === "none" ? "" : exact(value * (kind === "multiply" ? 1 : factor));
      if (slider) {
        slider.hidden = kind !== "set";
        const start = (before[key]?.value ?? 0) * factor, room = Math.abs(start) * 2 || most - least;
        slider.min = Math.max(least, most - least > 20 * room ? start - room : least);
        slider.max = Math.min(most, most - least > 20 * room ? start + room : most);
        slider.step = one.integer || one.unit === "year" ? 1 : 10 ** Math.floor(Math.log10((slider.max - slider.min) / 100));
        if (document.activeElement !== slider) slider.value = now.value === null ? slider.min : now.value * factor;
      }
      const step = now.trail.at(-1);
      const facts = [one.meaning[language]];
      if (!isChoice) facts.push(say("allowed", { low: written(one, one.bounds[0]), high: written(one, one.bounds[1]) }));
      if (now.interval) facts.push(say("interval", { low: written(one, now.interval[0]), high: written(one, now.interval[1]) }));
      if (kind !== "set") facts.push(say("in_force", { value: written(one, now.value) }));
      told.textContent = facts.join(language === "zh" ? "　" : " · ");
      measure.hidden = kind === "multiply";
      state.replaceChildren(make("span", { class: `tag ${step.evidence}` }, about.lists.evidence[step.evidence][language]));
      ground.textContent = `${title(step.source_id)}${step.locator ? `: ${own(step.locator)}` : ""}`;
      layers.textContent = now.trail.map((each) => `${say(`layer_${each.layer === "set" ? "scenario" : each.layer}`)}: ${written(one, each.value)}`).join(" → ");
      node.classList.toggle("changed", isChanged(key));
      back.hidden = !isChanged(key);
    };
    rows[key] = {
      node, show, text: `${key} ${one.label[language]} ${one.meaning[language]}`.toLowerCase(),
      fault: (text) => { fault.textContent = text; if (text) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid"); },
    };
    return node;
  };
  const groups = [];
  const parameters = () => {
    const byGroup = {};
    for (const [key, one] of Object.entries(about.parameters)) (byGroup[key.split(".")[0]] ??= []).push(parameterRow(key, one));
    const folds = Object.entries(byGroup).map(([group, nodes], i) => {
      const count = make("small", {}), name = say(`group_${group}`);
      const fold = make("details", { class: "desk-group", open: i === 0 }, make("summary", {}, make("span", {}, name === `group_${group}` ? group : name), " ", count), ...nodes);
      const show = () => {
        const changed = nodes.filter((node) => isChanged(node.dataset.key)).length;
        count.textContent = say(changed ? "count_changed" : "count", { n: nodes.length, changed });
      };
      groups.push({ fold, nodes, show });
      return fold;
    });
    const find = make("input", { type: "search", id: "find", oninput: () => {
      const words = find.value.toLowerCase().trim();
      for (const { fold, nodes } of groups) {
        for (const node of nodes) node.hidden = !rows[node.dataset.key].text.includes(words);
        fold.hidden = nodes.every((node) => node.hidden);
        if (words && !fold.hidden) fold.open = true;
      }
    } });
    return [make("p", { class: "desk-find" }, make("label", { for: "find" }, say("filter")), " ", find), ...folds];
  };

  // ---- results
  // Results in their order, by what is said of them: the server's name, the year that is told, decimals.
  const near = () => about.names.near_year, target = () => about.names.target_year;
  const order = () => [["ratio", "ratio_near", near(), 1], ["ratio", "ratio_target", target(), 1], ["crossing_year"], ["met_again_year"],
    ["gap", `gap_ratio_${near()}`, near()], ["gap", `gap_ratio_${target()}`, target()], ["need", `gap_need_${target()}`, target()],
    ["meals", `gap_meals_${target()}`, target()], ["workers", "workers", target()], ["capital", "capital", target()], ["running", "running", target()]];
  const isYear = (name) => name.endsWith("_year"), isMoney = (name) => ["capital", "running"].includes(name);
  const yuan = language === "en" ? 1e6 : 1e4;
  const yearSaid = (name, year) => year === null ? say("later", { year: values["run.horizon"].value })
    : year > about.names.launch_year ? String(year) : name === "crossing_year" ? say("earlier", { year }) : say("always");
  const cell = ([kind, name = kind, , decimals = 0], { value, low, high, change: by }) => {
    const shown = (of) => isYear(kind) ? yearSaid(kind, of) : number(isMoney(kind) ? of / yuan : of, decimals);
    const node = make("td", { class: "num" }, make("span", { class: "value", "data-result": name }, shown(value)));
    const ends = [shown(low), shown(high)];
    if (ends[0] !== ends[1]) node.append(make("br"), make("small", {}, say("page.from_to", { low: ends[0], high: ends[1] })));
    const text = typeof by === "number" ? shown(by) : "0";
    if (Number(text.replace(/[,\u2212]/g, ""))) node.append(make("br"), make("small", { class: "desk-change" }, say("change", { n: by > 0 ? `+${text}` : text })));
    return node;
  };
  const table = (answered, heads) => make("div", { class: "table-box" }, make("table", { class: "data" },
    make("caption", {}, make("span", {}, say("results_caption", { area: about.areas[area] }))),
    make("thead", {}, make("tr", {}, make("td"), ...heads.map((head) => make("th", { scope: "col", class: "num" }, head)))),
    make("tbody", {}, ...order().map((row) => make("tr", {}, make("th", { scope: "row" }, say(`r_${row[0]}`, { year: row[2] })), ...answered.rows[row[1] ?? row[0]].map((one) => cell(row, one)))))));
  const results = make("div", { class: "desk-table" }), said = make("p", { class: "desk-said", role: "status" }), note = make("p", { class: "note" });
  // Texts that are not yet written hinder nothing while one tries.
  const tried = (content) => JSON.parse(JSON.stringify(content, (_, value) => value === "" ? "-" : value));
  let isBusy = false, isLate = false, pause = 0;
  const compute = async () => {
    main.dataset.waiting = "";
    if (isBusy) { isLate = true; return; }
    isBusy = true;
    do {
      isLate = false;
      results.setAttribute("aria-busy", "true");
      const drafts = isMoved() ? [base, tried(draft)] : [base], asked = area;
      if (!before.area || before.area !== `${asked} ${opened}`) {
        const first = await ask("answer", { areas: [asked], drafts: [base] });
        if (first) before = { ...first.values, area: `${asked} ${opened}` };
      }
      const answered = await ask("answer", { areas: [asked], drafts });
      if (answered && asked === area && !isLate) {
        tell([]);
        values = answered.values;
        results.replaceChildren(table(answered, drafts.length > 1 ? [say("as_opened"), say("as_set")] : [say("as_opened")]));
        const gap = answered.rows[`gap_ratio_${near()}`].at(-1);
        const text = say("said", { area: about.areas[area], year: near(), gap: number(gap.value), low: number(gap.low), high: number(gap.high) });
        if (said.textContent !== text) said.textContent = text;
        Object.values(rows).forEach((row) => row.show());
      }
      results.removeAttribute("aria-busy");
    } while (isLate);
    isBusy = false;
    if (!pause) delete main.dataset.waiting;
  };
  const moved = (key) => {
    isSaved = false;
    groups.forEach((group) => group.show());
    rows[key]?.show();
    changes();
    keep();
    main.dataset.waiting = "";
    clearTimeout(pause);
    pause = setTimeout(() => { pause = 0; compute(); }, 80);
  };

  // ---- changes and saving
  const list = make("div", {}), savedNote = make("p", { role: "status", class: "desk-saved" });
  let ids = 0;
  const field = (text, control, note_ = "") => {
    control.id ||= `f-${ids += 1}`;
    return make("p", { class: "desk-field" }, make("label", { for: control.id }, text), control, ...(note_ ? [make("small", {}, note_)] : []));
  };
  const bound = (object, name, given = {}) => make("input", { type: "text", value: object[name] ?? "", autocomplete: "off", ...given, oninput: (event) => { object[name] = event.target.value; isSaved = false; keep(); } });
  const picked = (object, name, options) => {
    const node = make("select", { onchange: () => { object[name] = node.value; isSaved = false; keep(); moved(); } }, ...options.map(([value, text]) => make("option", { value, selected: object[name] === value }, text)));
    return node;
  };
  const ends = (key, made) => {
    const one = about.parameters[key], factor = scale(one), pair = Array.isArray(made.interval) ? made.interval : ["", ""];
    const inputs = pair.map((end) => make("input", { type: "number", step: "any", value: end === "" ? "" : exact(end * factor), onchange: () => {
      const given = inputs.map((input) => input.value);
      made.interval = given.some((text) => text === "") ? "none" : given.map((text) => exact(Number(text) / factor));
      moved();
    } }));
    return [field(say("low"), inputs[0]), field(say("high"), inputs[1], say("interval_note"))];
  };
  const changes = () => {
    const every = ["", ...counties()].flatMap((where) => Object.entries(part(draft, where)).map(([key, made]) => [where, key, made]));
    list.replaceChildren(...every.map(([where, key, made]) => {
      const one = about.parameters[key], kind = ["set", "multiply", "add"].find((name) => name in made);
      const value = kind === "multiply" ? String(made[kind]) : written(one, made[kind]);
      const words = `${where ? about.areas[where] : say("scope_all")} · ${one.label[language]}: ${say(`how_${kind}`)} ${value}${made.opens ? ` (${say("opens")})` : ""}`;
      return make("fieldset", { class: "desk-change-of", "data-change": `${where}:${key}` }, make("legend", {}, words),
        field(say("why"), bound(made.why, language, { required: true })),
        field(say("source"), picked(made, "source", [["none", say("page.no_source")], ...Object.keys(about.sources).map((id) => [id, `${title(id)} [${id}]`])])),
        field(say("locator"), bound(made, "locator", { required: true })),
        field(say("evidence"), picked(made, "evidence", Object.entries(about.lists.evidence).map(([name, label]) => [name, label[language]]))),
        ...(kind === "set" && one.interval && !one.choices.length ? ends(key, made) : []));
    }));
    if (!every.length) list.append(make("p", { class: "note" }, say("no_changes")));
  };
  const form = make("form", { class: "desk-save", novalidate: true, onsubmit: async (event) => {
    event.preventDefault();
    savedNote.textContent = "";
    const missing = [...form.querySelectorAll("[required]")].find((input) => !input.value.trim());
    if (missing) {
      savedNote.textContent = say("incomplete");
      missing.focus();
      return;
    }
    const whole = clone(draft);
    const texts = [whole.label, whole.description, ...["", ...counties()].flatMap((where) => Object.values(part(whole, where)).map((made) => made.why))];
    for (const text of texts) if (!text[other]) text[other] = text[language];
    const is_own = whole.scenario === opened && about.scenarios[opened].all;
    const done = await ask("save", { drafts: [whole], before: is_own ? about.scenarios[opened].digest : "" });
    if (!done) return;
    tell([]);
    await load();
    open(done.name);
    savedNote.textContent = say("saved", { name: done.name });
  } });
  const drawForm = () => {
    changes();
    const label = bound(draft.label, language, { required: true, maxlength: 200 });
    form.replaceChildren(list,
      make("div", { class: "desk-fields" },
        field(say("name"), bound(draft, "scenario", { required: true, pattern: "[a-z0-9_]+", spellcheck: "false", id: "scenario-name" }), about.scenarios[opened].all ? "" : say("saved_new")),
        field(say("label"), label), field(say("description"), bound(draft.description, language, { required: true }), say("other_language"))),
      make("p", {}, make("button", { type: "submit", class: "primary" }, say("save"))), savedNote);
  };

  // ---- opening, comparing, publishing, looking back
  const areaField = make("select", { id: "area", onchange: () => { area = areaField.value; before = {}; scope = "own"; drawScope(); keep(); drawBoxes(); compute(); compare(); } });
  const scenarioField = make("select", { id: "scenario", onchange: () => open(scenarioField.value) });
  const scopes = make("fieldset", { class: "desk-scope" });
  const drawScope = () => {
    const radio = (value, text) => make("label", {}, make("input", { type: "radio", name: "scope", value, checked: scope === value, onchange: () => { scope = value; keep(); } }), " ", text);
    scopes.replaceChildren(make("legend", {}, say("scope")), ...(isCounty() ? [radio("own", say("scope_own", { area: about.areas[area] }))] : []), radio(isCounty() ? "all" : "own", say("scope_all")));
  };
  const open = (name, restored) => {
    opened = name;
    base = clone(about.scenarios[name].content);
    draft = restored ?? (about.scenarios[name].all ? clone(base) : copied(base));
    isSaved = true;
    before = {};
    scenarioField.value = name;
    savedNote.textContent = "";
    tell([]);
    drawForm();
    groups.forEach((group) => group.show());
    keep();
    drawBoxes();
    compute();
    compare();
  };
  const boxes = (name, options, chosen, changed) => make("fieldset", { class: "desk-boxes" }, make("legend", {}, say(name)),
    ...options.map(([value, text]) => make("label", {}, make("input", { type: "checkbox", name, value, checked: chosen.includes(value), onchange: changed }), " ", text)));
  const ticked = (inside, name) => [...inside.querySelectorAll(`[name="${name}"]:checked`)].map((box) => box.value);
  const comparing = make("div", {}), compared = make("div", {}), asking = make("form", { class: "desk-publish", onsubmit: async (event) => {
    event.preventDefault();
    const started = await ask("publish", { areas: ticked(asking, "areas"), scenarios: ticked(asking, "scenarios") });
    if (started) { tell([]); follow(started); }
  } });
  const labelOf = (name) => about.scenarios[name]?.content.label[language] ?? name;
  const compare = async () => {
    const chosen = ticked(comparing, "compared");
    for (const box of comparing.querySelectorAll("input")) box.disabled = chosen.length >= 3 && !box.checked;
    if (chosen.length < 2) { compared.replaceChildren(); return; }
    const drafts = chosen.map((name) => name ? about.scenarios[name].content : tried(draft));
    const answered = await ask("answer", { areas: [area], drafts });
    if (answered) compared.replaceChildren(table(answered, chosen.map((name) => name ? labelOf(name) : say("unsaved", { label: draft.label[language] }))));
  };
  const drawBoxes = () => {
    const kept = ticked(comparing, "compared"), names = Object.keys(about.scenarios);
    const options = [...names.map((name) => [name, labelOf(name)]), ["", say("unsaved", { label: draft.label[language] })]];
    comparing.replaceChildren(boxes("compared", options, kept, compare));
    comparing.querySelector("legend").textContent = say("compare_hint");
    asking.replaceChildren(boxes("areas", Object.entries(about.areas), [area]), boxes("scenarios", names.map((name) => [name, labelOf(name)]), [opened]),
      make("p", {}, make("button", { type: "submit", class: "primary" }, say("publish"))));
  };
  const bar = make("progress", { "aria-label": "", max: 1, value: 0 }), count = make("p", { role: "status", class: "desk-run" }), log = make("pre", { tabindex: 0 });
  const stop = make("button", { type: "button", onclick: async () => { stop.disabled = true; show_(await ask("cancel")); } });
  const links = make("ul", { class: "desk-links" });
  const running = make("div", { hidden: true }, count, bar, " ", stop, make("details", { class: "more", open: true }, make("summary", {}), log), links);
  const show_ = (run) => {
    if (!run || !run.lines) return false;
    const isGoing = run.status === null;
    running.hidden = false;
    const all = run.lines.reduce((sum, line) => sum + Number(line.match(/^(\d+) pages to execute$/)?.[1] ?? 0), 0);
    const made = run.lines.filter((line) => /^\S+ \(\d+\.\d s\)$/.test(line)).length;
    bar.max = Math.max(all, 1);
    bar.value = run.status === 0 ? bar.max : made;
    const text = isGoing ? (all ? say("running", { made, all }) : say("working")) : say(run.status === 0 ? "done" : "failed");
    if (count.textContent !== text) count.textContent = text;
    log.textContent = run.lines.join("\n");
    log.scrollTop = log.scrollHeight;
    bar.hidden = stop.hidden = !isGoing;
    stop.disabled = false;
    // A page that would repeat the baseline's stands there.
    const first = (where, name) => run.pages.find((page) => page.startsWith(`${language}/${name}/${where}/`)) ?? (name === "baseline" ? "" : first(where, "baseline"));
    const found = run.asked.areas.flatMap((where) => run.asked.scenarios.map((name) => [`${about.areas[where]} · ${labelOf(name)}`, first(where, name)]));
    links.replaceChildren(...(run.status === 0 ? [[say("front"), about.front || "/site/"], ...found.filter(([, page]) => page).map(([name, page]) => [name, `/site/${page}.html`])] : [])
      .map(([text_, href]) => make("li", {}, make("a", { href }, text_))));
    return isGoing;
  };
  const follow = async (run) => {
    while (show_(run)) {
      await new Promise((done) => setTimeout(done, 500));
      run = await ask("progress");
    }
    if (run?.status === 0) { await load(); drawHistory(); show_(run); }
  };
  const history_ = make("div", {});
  const drawHistory = () => {
    const runs = about.history ?? [];
    const heads = ["c_when", "c_run", "c_asked", "c_pages", "c_changed"].map((name) => make("th", { scope: "col" }, say(name)));
    const names = (chosen, label) => chosen.length ? chosen.map(label).join(language === "zh" ? "、" : ", ") : say("every");
    history_.replaceChildren(runs.length ? make("div", { class: "table-box", tabindex: 0, role: "region", "aria-label": `${say("h_history")} (${runs.length})` }, make("table", { class: "data" }, make("thead", {}, make("tr", {}, ...heads)),
      make("tbody", {}, ...runs.map((run) => make("tr", {}, make("th", { scope: "row" }, new Date(run.started).toLocaleString(language === "zh" ? "zh-CN" : "en-GB", { dateStyle: "short", timeStyle: "short" })), make("td", {}, make("code", {}, run.run)),
        make("td", {}, `${names(run.scenarios, labelOf)}; ${names(run.areas, (name) => about.areas[name] ?? name)}`),
        make("td", { class: "num" }, String(run.pages)), make("td", {}, ...run.told.map((line) => make("span", { class: "desk-line" }, line))))))))
      : make("p", { class: "note" }, say("no_history")));
  };

  const load = async () => {
    const told = await ask("about");
    if (!told) return false;
    about = told;
    scenarioField.replaceChildren(...Object.keys(about.scenarios).map((name) => make("option", { value: name }, labelOf(name))));
    const [most, all] = about.draws;
    note.textContent = all <= most ? say("computed_all", { n: number(all) }) : say("computed", { n: number(most), all: number(all) });
    return true;
  };

  main.append(problems);
  if (!await load()) return;
  document.title = say("title");
  document.querySelector(".site-name").textContent = `${Object.values(about.areas)[0]} · ${say("title")}`;
  const language_links = [["en", "English", "en"], ["zh", "中文", "zh-CN"]].map(([name, text, tag]) =>
    make("li", {}, make("a", { href: `/${name}/`, lang: tag, ...(name === language ? { "aria-current": "true" } : {}) }, text)));
  document.querySelector(".languages ul").append(...language_links);
  document.querySelector(".languages").setAttribute("aria-label", say("language"));
  main.querySelector("h1").textContent = say("title");
  areaField.append(...Object.entries(about.areas).map(([name, label]) => make("option", { value: name }, label)));
  bar.setAttribute("aria-label", say("progress"));
  stop.textContent = say("cancel");
  running.querySelector("summary").textContent = say("log");
  log.setAttribute("aria-label", say("log"));
  log.setAttribute("role", "region");
  const section = (id, ...inside) => make("section", { "aria-labelledby": `h-${id}` }, make("h2", { id: `h-${id}` }, say(`h_${id}`)), ...inside);
  const front = make("a", { href: about.front || "#", hidden: !about.front }, say("front"));
  main.append(
    make("p", { class: "question" }, say("intro"), " ", front),
    make("div", { class: "desk-bar" },
      make("p", {}, make("label", { for: "area" }, say("area")), areaField),
      make("p", {}, make("label", { for: "scenario" }, say("scenario")), scenarioField),
      scopes,
      make("p", { class: "desk-buttons" },
        make("button", { type: "button", onclick: () => { draft = copied(draft); drawForm(); keep(); document.getElementById("scenario-name").focus(); } }, say("duplicate")),
        make("button", { type: "button", onclick: () => open(opened) }, say("discard")))),
    problems,
    make("div", { class: "desk-columns" },
      section("results", said, results, note),
      section("parameters", ...parameters())),
    section("changes", form),
    section("compare", comparing, compared),
    section("publish", make("p", { class: "note" }, say("publish_hint")), asking, running),
    section("history", history_));
  const kept = JSON.parse(sessionStorage.getItem("desk") ?? "null");
  const isKept = kept && kept.opened in about.scenarios && kept.digest === about.scenarios[kept.opened].digest && kept.area in about.areas;
  area = isKept ? kept.area : Object.keys(about.areas)[0];
  scope = isKept ? kept.scope : "own";
  areaField.value = area;
  drawScope();
  open(isKept ? kept.opened : Object.keys(about.scenarios)[0], isKept ? kept.draft : undefined);
  drawHistory();
  follow(await ask("progress"));
})();
