"""Answers in the manners of real models, each with what it must be read as."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from physprior import verdict
from physprior.verdict import ParseStatus

A, N = True, False
EXACT = [
    ("> Verdict: Normal. Reason: fine", N),
    ("Verdict: Normal. Reason: the verdict is based on how it turns.", N),
    ("Verdict: Anomalous. Reason: A normal fan would turn on.", A),
    ("Watch. Verdict: Normal. Reason: my verdict rests on the blades.", N),
    ("Verdict: Normal. Reason: 弹簧很好", N),
]
TOLERANT = [
    ("Verdict: Anomalous", A),
    ("Verdict: Normal.", N),
    ("verdict: normal", N),
    ("VERDICT: ANOMALOUS. REASON: STUCK", A),
    ("**Verdict:** Anomalous. **Reason:** the jaws stay open", A),
    ("**Verdict**: *Normal*", N),
    ("## Verdict\nAnomalous\n\n## Reason\nIt sticks.", A),
    ("__Verdict: Normal__", N),
    ("`Verdict: Anomalous`", A),
    ("Verdict - Anomalous - the spring is tired", A),
    ("Verdict — Normal", N),
    ("Verdict = Anomalous", A),
    ("Verdict → Normal", N),
    ("Verdict -> Anomalous", A),
    ("Verdict is normal.", N),
    ("My verdict is that it is not normal.", A),
    ("Verdict：Ａｎｏｍａｌｏｕｓ．Ｒｅａｓｏｎ：ｓｔｕｃｋ", A),
    ("Verdict: Anomаlous. Reason: Cyrillic а", A),
    ("Verdict: Nοrmal", N),
    ("Ve\xadrdict: Nor\u200bmal", N),
    ("𝐕𝐞𝐫𝐝𝐢𝐜𝐭: 𝐀𝐧𝐨𝐦𝐚𝐥𝐨𝐮𝐬", A),
    ("\ufeffVerdict: Normal", N),
    ("Verdict:\xa0Anomalous.\xa0Reason: it leaks", A),
    ('{"verdict": "Anomalous", "reason": "A normal fan would turn."}', A),
    ('```json\n{"verdict": "Normal", "reason": "No anomaly."}\n```', N),
    ("{'verdict': 'Anomalous'}", A),
    ('{"anomalous": false, "reason": "it turns"}', N),
    ('{"is_anomaly": true}', A),
    ('"anomaly": false', N),
    ("Verdict: Not normal. Reason: it stops", A),
    ("Verdict: Not anomalous.", N),
    ("Verdict: No anomaly detected. Reason: steady", N),
    ("Verdict: Non-anomalous", N),
    ("Verdict: Defect-free.", N),
    ("Verdict: abnormal, not normal", A),
    ("Verdict: Normal (not anomalous). Reason: x", N),
    ("Verdict: Anomalous, i.e. not normal.", A),
    ("Verdict: Anomalous because a normal clip would rebound.", A),
    ("Verdict: Anomalous. A normal fan would turn on.", A),
    ("Verdict: Normal. There are no abnormal sounds, and a broken fan would stop.", N),
    ("Verdict: Anomalous, unlike a normal bearing it stutters.", A),
    ("Verdict: The motion is slower than normal, so it is anomalous.", A),
    ("Normal.", N),
    ("Anomalous", A),
    ("The fan is abnormal.", A),
    ("The object is functioning normally.", N),
    ("The clip is not functioning normally.", A),
    ("There are no signs of any anomalies or defects in the video.", N),
    ("No defects, faults or abnormalities are visible.", N),
    ("The video does not show any anomaly.", N),
    ("It doesn't look normal to me.", A),
    ("I cannot see any anomaly.", N),
    ("I don't see any signs of abnormal motion.", N),
    ("Nothing abnormal can be seen.", N),
    ("The gear is free of defects.", N),
    ("The gear turns without any visible fault.", N),
    ("There is a clear absence of defects.", N),
    ("It can't be normal.", A),
    ("This isn't a normal motion.", A),
    ("The motion is neither faulty nor abnormal.", N),
    ("The fan is anomalous. A normal fan turns smoothly.", A),
    ("No, the hinge is normal.", N),
    ("Yes, there is an anomaly.", A),
    ("No. The hinge is anomalous.", A),
    ("Is the fan normal? No.", A),
    ("Is the fan anomalous? No.", N),
    ("Is it normal or anomalous? Anomalous.", A),
    ("Anomaly detected: No", N),
    ("Anomaly: yes", A),
    ("Anomaly: none", N),
    ("Final answer: Normal", N),
    (
        "Step 1: a normal spring would rebound.\nStep 2: this one does not.\nConclusion: anomalous",
        A,
    ),
    (
        "1. Component: spring\n2. Subject: jaws\n3. Motion: opens\n4. Verdict: "
        "Anomalous\nReason: tired",
        A,
    ),
    ("Reason: the blades stop. Verdict: Anomalous.", A),
    ("Verdict: Normal. Reason: wait. Verdict: Anomalous.", A),
    ("Verdict: Anomalous. Reason: on reflection, the verdict is normal.", N),
    ("最终判断 Verdict: Anomalous。Reason: 弹簧疲劳", A),
    ("El ventilador no es normal.", A),
    ("Der Lüfter ist nicht normal.", A),
    ("Le ventilateur n'est pas normal.", A),
    ("O ventilador não é normal.", A),
    ("The movement is not 100% normal.", A),
    ("The jaws are not\nnormal.", A),
    ("No\nNormal", N),
    ("It is hard to say, but it looks anomalous.", A),
    ("ASSISTANT: Verdict: Anomalous </s>", A),
    ("Sure! Here is my analysis. Verdict: Normal!", N),
    ("Verdict: 'Normal'", N),
    ("Verdict: [Anomalous]", A),
    ("Verdict: <Normal>", N),
    ("Verdict: (Anomalous)", A),
    ("Verdict: Anomalous Anomalous Anomalous Anomalous", A),
    ("Verdict: Normal. Reason: ok. Verdict:", N),
    ("The zipper does not close normally.", A),
    ("The jaws fail to open normally.", A),
    ("The ball doesn't bounce normally any more.", A),
    ("The button cannot be pressed normally.", A),
    ("The blades do not turn abnormally.", N),
    ("The spring does not rebound, indicating an anomaly.", A),
    ("The spring does not rebound indicating an anomaly.", A),
    ("There is no light and it is anomalous.", A),
    ("The blade does not turn and is broken.", A),
    ("It does not rebound due to a defect.", A),
    ("It does not rebound because it is broken.", A),
    ("No it is anomalous.", A),
    ("No the hinge is normal", N),
    ("It is no longer normal.", A),
    ("0 anomalies detected", N),
    ("The motion is ab-\nnormal.", A),
    ("The verdict is: Anomalous", A),
    ("Verdict:\n\nNormal", N),
    ("Verdict: There is nothing wrong; the clip is normal.", N),
    ("No issues were found, so it is normal.", N),
    ("The video shows a fan. There is no visible anomaly in the video.", N),
    ("The motion of the clip is abnormal as it does not rebound as a normal clip does.", A),
    ("Verdict: Abnormality detected", A),
    ("The gear is not entirely normal", A),
    ("Verdict: Normal\nReason: nothing abnormal", N),
    ("Verdict: Anomalous\n\nExplanation: normal clips rebound", A),
    ("The spring isn't broken.", N),
    ("Verdict: Anomalous; Confidence: 0.9", A),
    ("Verdict: Normal (95% confident)", N),
    ("<think>A normal fan turns. This is normal?</think>\nVerdict: Anomalous", A),
    ("| Verdict | Anomalous |", A),
    ("Verdict: Normal.\n\nUSER: and now?\nASSISTANT: Verdict: Anomalous.", A),
    ("VERDICT:NORMAL", N),
    ("verdict:anomalous.reason:stuck", A),
    ("Verdict : Normal . Reason : ok", N),
    ("Verdict: Normal.Reason: ok", N),
    ("Verdict: Normal. reason: ok", N),
]
WITHOUT = [
    ("Verdict: Normal or Anomalous", ParseStatus.AMBIGUOUS),
    ("Verdict: [Normal/Anomalous]. Reason: [reason]", ParseStatus.AMBIGUOUS),
    ("Verdict: Normal. Anomalous. Reason: both", ParseStatus.AMBIGUOUS),
    ("Verdict: Normal or Verdict: Anomalous", ParseStatus.AMBIGUOUS),
    (
        "Answer with 'Verdict: Normal. Reason: …' or 'Verdict: Anomalous. Reason: …'",
        ParseStatus.AMBIGUOUS,
    ),
    ("It is either normal or anomalous.", ParseStatus.AMBIGUOUS),
    ("The sound is normal. The motion is abnormal in the second half.", ParseStatus.AMBIGUOUS),
    ("Verdict: The first half is normal but the rest is anomalous.", ParseStatus.AMBIGUOUS),
    ("Verdict: Normal. It is anomalous.", ParseStatus.AMBIGUOUS),
    ("I cannot determine whether it is normal or anomalous.", ParseStatus.REFUSED),
    ("I'm sorry, but I can't help with this video.", ParseStatus.REFUSED),
    ("As an AI language model, I have no eyes.", ParseStatus.REFUSED),
    ("I am unable to view videos.", ParseStatus.REFUSED),
    ("It is not possible to tell if this is anomalous.", ParseStatus.REFUSED),
    ("I can't say whether this is normal.", ParseStatus.REFUSED),
    ("I don’t have access to the video.", ParseStatus.REFUSED),
    ("Unfortunately, I cannot tell if the motion is abnormal.", ParseStatus.REFUSED),
    ("Verdict: unclear. Reason: too dark", ParseStatus.MISSING),
    ("Verdict: see above. The clip is shiny.", ParseStatus.MISSING),
    ("The blades turn around the hub.", ParseStatus.MISSING),
    ("Yes.", ParseStatus.MISSING),
    ("No", ParseStatus.MISSING),
    ("0.93", ParseStatus.MISSING),
    ("判定：异常。理由：弹簧疲劳。", ParseStatus.MISSING),
    ("Вердикт: аномалия.", ParseStatus.MISSING),
    ("الحكم: شاذ", ParseStatus.MISSING),
    ("...", ParseStatus.MISSING),
    ("👍", ParseStatus.MISSING),
    ("Verdict", ParseStatus.MISSING),
    ("Verdict:", ParseStatus.MISSING),
    ("the verdict of the jury", ParseStatus.MISSING),
    ("Verdict: A", ParseStatus.MISSING),
    ("The motion deviates from normal.", ParseStatus.MISSING),
    ("It should be normal.", ParseStatus.MISSING),
    ("The anomaly score: 0.93", ParseStatus.MISSING),
    ("The paranormal and the defection of subnormals", ParseStatus.MISSING),
    ("\u200b\ufeff", ParseStatus.EMPTY),
    ("\n\t \u3000", ParseStatus.EMPTY),
    ("The rotation is not smooth or normal.", ParseStatus.MISSING),
    ("The clip is working properly.", ParseStatus.MISSING),
    ("It does not turn as smoothly as a normal fan.", ParseStatus.MISSING),
    ("It is not necessarily anomalous.", ParseStatus.MISSING),
    ("Verdict: N/A", ParseStatus.MISSING),
    ("Verdict: ?", ParseStatus.MISSING),
    ("Is it normal?", ParseStatus.MISSING),
    (
        "The clip is a normal household item. Its jaws do not rebound, which is abnormal.",
        ParseStatus.AMBIGUOUS,
    ),
]
CUT = ["Verdict: Anom", "The blades turn around", "Verdict:", "Verdict: No"]


@pytest.mark.parametrize(("text", "anomalous"), EXACT)
def test_the_grammar_is_read_exactly(text: str, anomalous: bool) -> None:
    parsed = verdict.parse(text)
    assert (parsed.status, parsed.anomalous) == (ParseStatus.OK, anomalous)


@pytest.mark.parametrize(("text", "anomalous"), TOLERANT)
def test_a_verdict_in_other_words_is_read_tolerantly(text: str, anomalous: bool) -> None:
    parsed = verdict.parse(text)
    assert (parsed.status, parsed.anomalous) == (ParseStatus.TOLERANT, anomalous)


@pytest.mark.parametrize(("text", "status"), WITHOUT)
def test_an_answer_that_says_none_or_both_has_no_verdict(text: str, status: ParseStatus) -> None:
    parsed = verdict.parse(text)
    assert (parsed.status, parsed.anomalous) == (status, None)


@pytest.mark.parametrize("text", CUT)
def test_an_answer_that_was_cut_before_its_verdict_is_truncated(text: str) -> None:
    assert verdict.parse(text, truncated=True).status is ParseStatus.TRUNCATED


@pytest.mark.parametrize(("text", "anomalous"), [*EXACT, *TOLERANT])
def test_a_verdict_that_was_said_before_the_cut_counts(text: str, anomalous: bool) -> None:
    assert verdict.parse(text, truncated=True).anomalous is anomalous


THINGS = ["fan", "spring clip", "rolling bearing", "slide's carriage", "hinge of the door"]
COMBINED: dict[str, Any] = {
    "it does not move normally": (
        A,
        "The {} {} {} {}.",
        THINGS,
        ["does not", "doesn't", "cannot", "fails to", "never", "is unable to"],
        ["open", "rotate", "slide back", "light up when pressed"],
        ["normally", "normally at all"],
    ),
    "there is none": (
        N,
        "{} no {} {}{}",
        ["There is", "I can see", "The video shows", "It has", "The clip exhibits"],
        ["visible", "sign of", "evidence of any", "clear indication of"],
        ["anomaly", "abnormal motion", "defects or faults"],
        [".", " in its motion, which is smooth."],
    ),
    "it is not normal": (
        A,
        "The motion of the {} is {} normal{}",
        THINGS,
        ["not", "not entirely", "no longer", "clearly not", "far from", "anything but"],
        [".", "; it stops.", " because it sticks."],
    ),
    "it is normal": (
        N,
        "The motion of the {} {}{}",
        THINGS,
        ["is normal", "seems to be normal", "is smooth and normal", "is not abnormal"],
        [".", "; it does not stop.", " and shows no defects.", " without any anomalies."],
    ),
    "it is unlike a normal one": (
        A,
        "The motion of the {} {}{}",
        THINGS,
        ["is abnormal", "looks defective", "indicates an anomaly"],
        [" compared to a normal one.", ", unlike normal operation.", "; a normal one would turn."],
    ),
    "nobody knows": (
        None,
        "{} {} {} {}.",
        ["I cannot", "I am unable to", "It is impossible to", "It's difficult to"],
        ["tell", "say", "determine", "be certain"],
        ["whether", "if"],
        ["it is normal", "the fan is anomalous", "anything is broken"],
    ),
    "it is held against others": (
        None,
        "{} {} It stops twice.",
        [
            "The fan turns slower than",
            "The motion deviates from",
            "Unlike",
            "This should look like",
        ],
        ["a normal fan.", "the normal motion.", "normal."],
    ),
    "others would": (
        A,
        "{} {}",
        ["A normal fan would turn.", "Normally, a fan turns.", "A healthy fan must start at once."],
        ["This one is anomalous.", "This fan is broken.", "Here there is an anomaly."],
    ),
}


@pytest.mark.parametrize("manner", COMBINED)
def test_no_combination_of_usual_words_is_misread(manner: str) -> None:
    anomalous, form, *pieces = COMBINED[manner]
    answers = [str(form).format(*chosen) for chosen in itertools.product(*pieces)]
    read = {answer: verdict.parse(answer).anomalous for answer in answers}
    assert [answer for answer, said in read.items() if said is not anomalous] == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Verdict: Anomalous. Reason: *worn*, 風扇 “stuck”\u200b.", "*worn*, 風扇 “stuck”\u200b."),
        ("**Verdict:** Anomalous. **Reason:** worn", "worn"),
        ("Ｖerdict：Anomalous。Reason：弹簧疲劳，é", "弹簧疲劳，é"),
        ("Verdict: Anomalous\n\nExplanation: the jaws\nstay open", "the jaws\nstay open"),
        ("Verdict: Anomalous. The jaws stay open.", "The jaws stay open."),
        ("Verdict: Anomalous because the jaws stay open.", "because the jaws stay open."),
        ("Reason: the jaws stay open. Verdict: Anomalous.", "the jaws stay open."),
        ('{"verdict": "Anomalous", "reason": "the jaws stay open"}', "the jaws stay open"),
        ("Anomalous. Reason: the jaws stay open", "the jaws stay open"),
        ("The clip is anomalous. Its jaws stay open.", "Its jaws stay open."),
        ("Verdict: Normal. Reason: wait. Verdict: Anomalous. Reason: tired", "tired"),
        ("Verdict: Anomalous", ""),
        ("**Verdict: Anomalous**", ""),
        ("verdict: हिन्दी anomalous. Reason: स्प्रिंग", "स्प्रिंग"),
    ],
)
def test_the_reason_is_the_answer_s_own_words(text: str, reason: str) -> None:
    assert verdict.parse(text).reason == reason
