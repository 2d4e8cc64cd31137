"""Reliability: looked back at, rivals, the starting population, graduation, sensitivity, errors of the draws."""

import numpy as np
import pandas as pd

from eldercare.report import style
from eldercare.report.html import Html, join
from eldercare.report.page import Page, Specs

RIVALS = {"no_change": style.GREY, "constant_growth": style.PURPLE}
MODELS = ("model", "model_then")


def answer(page: Page, scores: pd.DataFrame, look_back: pd.DataFrame) -> Html:
    """Return how far the published numbers missed the counts that came later, and whether a rival was nearer.

    The launch that knows nothing later stands beside them; a county's page says which of its own counts were tested.
    """
    by_method = scores.set_index("method")
    model, rivals = by_method.loc["model"], by_method.drop(index=list(MODELS))
    if not model["n"]:
        return page.answer(page.say("answer_none"))
    beside = page.say("rivals_none")
    if rivals["mape_common"].notna().any():
        best = rivals["mape_common"].idxmin()
        wins = model["mape_common"] <= rivals.loc[best, "mape_common"]
        errors = {"error": rivals.loc[best, "mape_common"], "own": model["mape_common"]}
        told = {name: page.t.number(error, 1) for name, error in errors.items()}
        beside = page.say("rivals_lose" if wins else "rival_wins", name=page.say(f"m_{best}"), **told)
    covered = {"covered": int(model["covered_80"]), "n": int(model["with_band"])}
    said = page.say(
        "answer",
        n=int(model["n"]),
        mape=page.t.number(model["mape"], 1),
        bias=page.say("bias_low" if model["malpe"] < 0 else "bias_high"),
        rivals=beside,
        band=page.say("band_some" if covered["covered"] else "band_none", **covered),
    )
    then = page.say("answer_then", mape=page.t.number(by_method.loc["model_then", "mape"], 1))
    if page.is_city:
        return page.answer(said, then)
    later = look_back[look_back["role"] == "after"]
    own, others = (later[(later["area"] == page.run.area) == here] for here in (True, False))
    if own.empty:
        return page.answer(said, then, page.say("tested_none", areas=page.areas_of(others["area"].unique())))
    return page.answer(said, then, page.say("tested_own", years=page.t.join([str(year) for year in own["year"]])))


def ages(page: Page, group: str) -> str:
    """Return the name of an age group such as 0-14 or 60+."""
    low, _, high = group.rstrip("+").partition("-")
    return page.say("ages", low=low, high=high) if high else page.say("aged", age=low)


def reconstruction(page: Page, frame: pd.DataFrame | None) -> Html:
    """Return the error of the reconstruction where the official table is there, or that it is not."""
    if frame is None:
        return page.note("no_census_table")
    wrong = (frame["reconstruction"] - frame["table"]).abs().sum() / 2 / frame["table"].sum()
    by_age = frame.groupby(["age_group", "sex"], sort=False)[["table", "reconstruction"]].sum().reset_index()
    older = by_age[[int(group.rstrip("+").split("-")[0]) >= 60 for group in by_age["age_group"]]]
    shown = older.assign(
        group=[f"{ages(page, row.age_group)} {page.say(f'group_{row.sex}')}" for row in older.itertuples()],
        error=older["reconstruction"] / older["table"].replace(0, np.nan) - 1,
    )
    columns: Specs = ["group text", "table", "reconstruction", "error .1%"]
    said = page.note("census_table", share=page.t.percent(wrong, 2))
    return join([said, page.table("reconstruction", shown.reset_index(drop=True), columns)])
