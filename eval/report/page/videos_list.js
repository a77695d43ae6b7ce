// The list of cards: drawn in pages, filtered, moved through by keys, unfolded for print.

const CARDS_A_PAGE = 50;
/** Cards that are drawn at a time: as many as a screen shows, so that the first stand at once. */
const CARDS_AT_ONCE = 4;
const MOST_IN_PRINT = 500;

/** Make the choice's cards anew. */
function draw(app) {
  const { deck, state } = app;
  app.chosen = choose(deck, state);
  app.alone = Boolean(state.video);
  app.list.replaceChildren();
  app.goal = 0;
  clearTimeout(app.drawing);
  if (app.alone) drawAlone(app);
  else drawMore(app, CARDS_A_PAGE);
  showChoice(app);
}

/** Draw so many cards more: the first of them at once, the rest between other work. */
function drawMore(app, amount) {
  app.goal = Math.min(app.goal + amount, app.chosen.shown.length);
  drawSome(app);
  showRest(app);
}

function drawSome(app) {
  drawCards(app, CARDS_AT_ONCE);
  clearTimeout(app.drawing);
  if (app.list.childElementCount < app.goal) app.drawing = setTimeout(() => drawSome(app), 0);
}

function drawCards(app, amount) {
  const drawn = app.list.childElementCount;
  const run = Number(app.state.run);
  const cards = app.chosen.shown
    .slice(drawn, Math.min(drawn + amount, app.goal))
    .map((index) => make("li", {}, makeCard(app.deck, index, run)));
  app.list.append(...cards);
}

/** Draw now what is still to be drawn of the pages that were asked for. */
function drawRest(app) {
  clearTimeout(app.drawing);
  if (!app.alone) drawCards(app, app.goal);
}

function drawAlone(app) {
  const index = app.deck.place.get(app.state.video);
  if (index === undefined) {
    app.list.append(words("li", "nothing", `This report has no video ${app.state.video}.`));
  } else {
    const card = makeCard(app.deck, index, Number(app.state.run));
    app.list.append(make("li", {}, card));
    for (const part of card.querySelectorAll("details")) {
      part.open = true;
      part.fill();
    }
  }
  showRest(app);
}

function showRest(app) {
  const left = app.alone ? 0 : app.chosen.shown.length - app.goal;
  app.end.hidden = left <= 0;
  const next = Math.min(left, CARDS_A_PAGE);
  app.end.firstElementChild.textContent = `Show ${next} more (${left.toLocaleString("en")} left)`;
}

/** What is shown, in words, and in the controls. */
function showChoice(app) {
  const { deck, state, chosen } = app;
  const all = count(deck.videos.length, "video");
  const some = chosen.shown.length < deck.videos.length;
  app.count.textContent = app.alone
    ? `One video of ${all}`
    : some ? `${chosen.shown.length.toLocaleString("en")} of ${all}` : all;
  app.aloneBar.hidden = !app.alone;
  if (!chosen.shown.length && !app.alone) app.list.append(nothing());
  fillControls(app);
  if (document.activeElement !== app.bar.elements.q) app.bar.elements.q.value = state.q;
}

function nothing() {
  const clear = make("button", { type: "button", "data-do": "clear", text: "Clear the filter" });
  return make("li", { class: "nothing" }, make("p", { text: "No video fits all of this." }), clear);
}

/** The options that this deck has; the numbers are what the other choices leave. */
function fillControls(app) {
  const { deck, state, chosen } = app;
  const { category, run, outcome, sort } = app.bar.elements;
  options(category, [["", "all"], ...categoryNames(deck)], state.category);
  options(app.bar.elements.class, [["", "all"], ...classNames(deck, state.category)], state.class);
  options(run, deck.runs.map((name, at) => [String(at), name]), state.run);
  run.closest("label").hidden = deck.runs.length < 2;
  options(outcome, outcomeOptions(deck, state, chosen), state.outcome);
  options(sort, sortNames(deck), state.sort);
}

function options(select, pairs, value) {
  const key = JSON.stringify(pairs);
  if (select.dataset.key !== key) {
    select.dataset.key = key;
    select.replaceChildren(...pairs.map(([name, text]) => make("option", { value: name, text })));
  }
  select.value = value;
}

function categoryNames(deck) {
  const amount = new Map();
  for (const { category } of deck.videos) amount.set(category, (amount.get(category) || 0) + 1);
  return [...amount.keys()].sort().map((id) => {
    const known = deck.categories[id];
    return [id, `${known ? known.name : id} (${amount.get(id)})`];
  });
}

function classNames(deck, category) {
  const found = new Map();
  for (const video of deck.videos) {
    if (category && video.category !== category) continue;
    const id = `${video.category}/${video.class}`;
    if (!found.has(id)) found.set(id, namesOf(deck, video));
  }
  const said = (names) => (category ? names[1] : names.join(": "));
  return [...found.keys()].sort().map((id) => [id, said(found.get(id))]);
}

function outcomeOptions(deck, state, chosen) {
  const names = outcomeNames(deck).filter((name) => chosen.amount[name] || name === state.outcome);
  const amount = (number) => `(${number.toLocaleString("en")})`;
  const said = (name) => `${outcomeWords(deck, name)} ${amount(chosen.amount[name])}`;
  return [["", `all ${amount(chosen.all)}`], ...names.map((name) => [name, said(name)])];
}

function outcomeWords(deck, name) {
  if (name.startsWith("only-")) return `only ${deck.runs[Number(name.slice(5))]} right`;
  return OUTCOMES[name][0];
}

function sortNames(deck) {
  if (!deck.sorts) {
    deck.sorts = Object.keys(SORTS).filter((name) => {
      const key = SORTS[name][1];
      const said = (video) => video.answers.some((answer) => Number.isFinite(key(video, answer)));
      return !key || deck.videos.some(said);
    });
  }
  return deck.sorts.map((name) => [name, SORTS[name][0]]);
}

/** For paper: all that the filter leaves, as far as anyone would print, and unfolded. */
function unfoldForPrint(app) {
  if (!app.alone && app.chosen.shown.length <= MOST_IN_PRINT) drawMore(app, MOST_IN_PRINT);
  drawRest(app);
  app.unfolded = [...app.list.querySelectorAll("details:not([open])")];
  for (const part of app.unfolded) {
    part.open = true;
    part.fill();
  }
  const partly = !app.alone && app.goal < app.chosen.shown.length;
  app.printed.textContent = partly ? `The first ${app.goal} of them are printed here.` : "";
}

function foldAfterPrint(app) {
  for (const part of app.unfolded || []) part.open = false;
  app.unfolded = [];
}
