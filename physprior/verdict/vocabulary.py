"""The words by which an answer is read: those of the two verdicts, and those that turn them."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ANOMALOUS = """
anomalous anomalously anomaly anomalies abnormal abnormally abnormality abnormalities
defect defects defective faulty fault faults broken unhealthy
malfunction malfunctions malfunctioning
"""
_NORMAL = "normal normally healthy"
SAYS: dict[str, bool] = {
    **dict.fromkeys(_words(_ANOMALOUS), True),
    **dict.fromkeys(_words(_NORMAL), False),
}
"""A verdict's word to whether it says anomalous."""
DENIES = _words(
    """
    no not non never without nor neither none nothing cannot unable absence lack lacks lacking zero
    fail fails failed failing refuses struggles ab
    nicht kein keine keinen keiner nie pas aucun aucune jamais nao niet geen inte ikke sin sans
    """
)
"""Turns the verdict's word that follows. ``normal`` is a word of many tongues: so are these."""
DENIES_BY_TWO = frozenset({("free", "of"), ("free", "from"), ("far", "from"), ("anything", "but")})
"""Two words that turn the verdict's word behind them."""
PASSED_OVER = _words(
    """
    a an any the this that such its it i we you there they to of in at as all quite very really
    is are was were be been being am do does did have has had can could may
    sign signs evidence indication indications indicator trace traces hint form kind type
    obvious visible apparent clear noticeable significant evident actual real physical mechanical
    major minor single other longer entirely completely fully exactly totally perfectly
    see sees seen seeing show shows shown showing detect detects detected find finds found observe
    observes observed notice noticed identify identified spot exhibit exhibits exhibiting display
    displays displaying contain contains indicate indicates suggest suggests appear appears
    appearing seem seems look looks considered consider deemed like consistent with
    function functions functioning work works working operate operates operating behave behaves
    behaving move moves moving rotate rotates rotating turn turns turning run runs running perform
    performing
    es ist est esta e ein eine einen un une una tout fait ganz parece
    """
)
"""May stand between a denial and the word that it turns."""
JOINS = _words("or and nor")
"""Carries a denial on to the next word of the same kind: no anomalies or defects."""
NAMES_ONLY = _words("unlike than from versus vs compared instead should supposed expected ought")
"""What follows is named and not said: slower than normal; it should be normal."""
EXPECTS = _words("would should ought must")
"""Behind a verdict's word: a normal fan would turn."""
UNKNOWING = _words(
    """
    determine determined tell told say said assess assessed judge judged decide decided conclude
    concluded confirm confirmed classify classified know known verify verified evaluate evaluated
    provide answer give help assist analyze analyse view watch process rule exclude
    sure certain possible enough sufficient conclusive necessarily
    """
)
"""Behind a denial: who cannot determine something says nothing by the words that follow."""
OPENS_DOUBT = _words(
    """
    whether if unclear unsure uncertain impossible difficult hard inconclusive undetermined unknown
    """
)
"""What follows in this clause is not said."""
CLAUSES = _words(
    """
    which so therefore thus hence then because due making meaning indicating suggesting
    """
)
"""A new clause begins: a denial before it does not reach its words."""
SUBJECTS = _words(
    """
    it it's this that that's these the there there's they i is are was has shows looks appears seems
    therefore thus so hence
    """
)
"""The same behind "and", and behind a "No" that answers."""
ENDS_DOUBT = _words("but however yet")
GIVES_GROUND = _words("because since due whereas while although though unlike")
"""Behind a verdict: what follows in this sentence is its ground, or what it is held against."""
YES = _words("yes true present ja oui si")
NO = _words("no none false absent nein non")
ASKS = _words("is are was were does do did has have can could would which what")
"""A sentence that begins so and ends with a question mark says nothing by itself."""
BESIDE_IT = _words("detected present found observed status seen visible here")
"""May stand between a verdict's word and its colon: anomaly detected: no."""
COMPOUNDS = _words(
    """
    score scores detection analysis check type types class level probability assessment inspection
    report likelihood result category detector
    """
)
"""Behind ``anomaly``: the name of something else."""
STATES = _words(
    """
    it is it's this the a an that these are was object video clip scene motion movement behavior
    behaviour operation verdict label answer final conclusion overall therefore so thus hence or and
    both either also yes looks appears seems to be would say considered classified as shows there
    there's i i'd my in
    """
)
"""What a sentence may hold that says the verdict and nothing else."""
COPULAS = _words("is are was it's looks appears seems that's")
