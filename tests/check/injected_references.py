"""Defects of ids, folder names and words from closed lists, for rules R."""

from __future__ import annotations

from editing import MARK, Entry, Injected
from injection import defect, swapped

from physprior.knowledge.compose import DataPath


@defect("R001", "misspelt, beside a right one")
def _(entry: Entry) -> Injected:
    at = entry.any(range(len(entry.category.anomalies)), "R001")
    wrong = swapped(entry.category.prior.motion.phases[-1].id)
    return entry.edited(entry.add(("anomalies", at, "violates"), MARK + wrong))


@defect("R001", "the anomaly's own id")
def _(entry: Entry) -> Injected:
    at = entry.any(range(len(entry.category.anomalies)), "R001")
    own = entry.category.anomalies[at].id
    return entry.edited(entry.add(("anomalies", at, "violates"), MARK + own))


@defect("R001", "misspelt, alone", R002="the phase that was meant may be violated by nothing else")
def _(entry: Entry) -> Injected:
    at = entry.any(range(len(entry.category.anomalies)), "alone")
    wrong = swapped(entry.category.anomalies[at].violates[0])
    return entry.edited(entry.put(("anomalies", at, "violates", 0), MARK + wrong))


@defect("R002", "a phase that was added")
def _(entry: Entry) -> Injected:
    phase = f"id: {MARK}cool_down\n        expected: Everything comes to rest on the table."
    return entry.edited(entry.add(("prior", "motion", "phases"), phase))


@defect("R002", "a phase that was renamed", R001="the anomalies still name it as it was")
def _(entry: Entry) -> Injected:
    last = len(entry.category.prior.motion.phases) - 1
    return entry.edited(entry.put(("prior", "motion", "phases", last, "id"), f"{MARK}new_step"))


@defect("R002", "a phase that the anomalies name no more")
def _(entry: Entry) -> Injected:
    phases = [phase.id for phase in entry.category.prior.motion.phases]
    forgotten = entry.any(range(len(phases)), "R002")
    edits = []
    for at, anomaly in enumerate(entry.category.anomalies):
        kept = [phase for phase in anomaly.violates if phase != phases[forgotten]]
        kept = kept or [phases[forgotten - 1]]
        edits.append(entry.put(("anomalies", at, "violates"), f"[{', '.join(kept)}]"))
    path: DataPath = ("prior", "motion", "phases", forgotten, "id")
    return entry.edited(*edits, entry.put(path, MARK + phases[forgotten]))


@defect("R003", "an alias that is an id in another spelling")
def _(entry: Entry) -> Injected:
    taken = entry.any(entry.category.anomalies, "R003").id.replace("_", " ").title()
    return entry.edited(entry.alias(entry.last_anomaly, MARK + taken))


@defect("R003", "an alias that means normal")
def _(entry: Entry) -> Injected:
    taken = entry.any(["norm", "Normal", "anomaly-free", "Anomaly Free", "GOOD"], "R003")
    return entry.edited(entry.alias(entry.last_anomaly, MARK + taken))


@defect("R003", "an alias of the category that is its own id")
def _(entry: Entry) -> Injected:
    own = entry.category.id.replace("_", "-").upper()
    return entry.edited(entry.alias((), MARK + own))


@defect("R003", "an anomaly that is called normal")
def _(entry: Entry) -> Injected:
    return entry.edited(entry.put((*entry.last_anomaly, "id"), f"{MARK}good"))


@defect("R004", "another id")
def _(entry: Entry) -> Injected:
    return entry.edited(entry.put(("id",), f"{MARK}{entry.category.id}_2"))


@defect("R004", "a copied file")
def _(entry: Entry) -> Injected:
    copy = entry.any(["{} (1).yaml", "{}_copy.yaml", "{}-v2.yaml", "new_{}.yml"], "R004")
    own = entry.put(("id",), MARK + entry.category.id)
    return entry.edited(own, file=copy.format(entry.category.id))


@defect("R004", "a file in capitals")
def _(entry: Entry) -> Injected:
    own = entry.put(("id",), MARK + entry.category.id)
    return entry.edited(own, file=f"{entry.category.id.capitalize()}.yaml")


@defect("R005", "a phase added under an id that is taken")
def _(entry: Entry) -> Injected:
    taken = entry.any(entry.category.prior.motion.phases, "R005").id
    phase = f"id: {MARK}{taken}\n        expected: Everything comes to rest on the table."
    return entry.edited(entry.add(("prior", "motion", "phases"), phase))


@defect("R005", "a phase named twice")
def _(entry: Entry) -> Injected:
    at = entry.any(range(len(entry.category.anomalies)), "R005")
    first = entry.category.anomalies[at].violates[0]
    return entry.edited(entry.add(("anomalies", at, "violates"), MARK + first))


@defect("R006", "a misspelt actuator")
def _(entry: Entry) -> Injected:
    wrong = swapped(entry.category.interaction.actuator)
    return entry.edited(entry.put(("interaction", "actuator"), MARK + wrong))


@defect("R006", "an action of the entry's own")
def _(entry: Entry) -> Injected:
    new = entry.any(["wiggle", "pressing", "pushes", "squeeze_twice"], "R006")
    return entry.edited(entry.add(("interaction", "actions"), MARK + new))


@defect("R006", "a property in other words")
def _(entry: Entry) -> Injected:
    path: DataPath = ("prior", "component", "properties", 0)
    known = entry.category.prior.component.properties[0]
    other = entry.any([known.capitalize(), f"very {known}", known.replace("ic", "icity")], "R006")
    other = other if other != known else f"{known}s"
    return entry.edited(entry.put(path, MARK + other))
