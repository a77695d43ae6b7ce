"""Broken and sound templates, with what the check has to say about them, to the column.

A row of a table is a template, then its findings in order: place, code, spanned words, message.
"""

from __future__ import annotations

ASK = "{% user %}Hi{% enduser %}\n"
END = "{% assistant %}{% part verdict %}{{ verdict }}{% endpart %}{% endassistant %}"


def asking(text: str) -> str:
    """A sound template whose first line is a user turn with this text."""
    return f"{{% user %}}Hi {text}{{% enduser %}}\n{END}"


def answering(text: str) -> str:
    """A sound template whose second line begins with this, in the assistant turn of the verdict."""
    return ASK + END.replace("{% part", f"{text}{{% part", 1)


SYNTAX = [
    ("{% user %}Hi\n", "1:4 J001 [user] the tag 'user' is not closed"),
    ("{% user %}Hi{% endusr %}", "1:16 J001 [endusr] unknown tag 'endusr'"),
    ("{% usr %}Hi{% enduser %}", "1:4 J001 [usr] unknown tag 'usr'"),
    (
        asking("{% if prior %}x"),
        "1:17 J001 [if] the tag 'if' is not closed before 'enduser' in line 1",
    ),
    (
        asking("{% endif %}"),
        "1:17 J001 [endif] 'endif' closes nothing; the innermost open tag is 'user' of line 1",
    ),
    (
        asking("{% else %}"),
        "1:17 J001 [else] 'else' stands in no 'if' or 'for' of its own; "
        "the innermost open tag is 'user' of line 1",
    ),
    (END + "{% endpart %}", "1:81 J001 [endpart] 'endpart' closes nothing"),
    (answering("{% part mood %}x{% endpart %}"), "2:24 J001 [mood] unknown part kind 'mood'"),
    (answering("{% part %}x{% endpart %}"), "2:19 J001 [part] this part has no kind"),
    (asking("{{ category.name }"), "1:31 J001 [}] unexpected '}'"),
    (asking("{{ category.name"), "1:14 J001 [{{] '{{' is never closed"),
    (asking("{# so"), "1:14 J001 [{#] '{#' is never closed"),
    (asking("{% raw %}"), "1:14 J001 [{%] '{% raw %}' is never closed"),
    (asking("{{ 'so }}"), "1:17 J001 ['] the quotation mark is never closed"),
    (asking("{{ prior ? }}"), "1:23 J001 [?] the character '?' has no meaning here"),
    (asking("{{ prior verdict }}"), "1:23 J001 [verdict] '}}' is expected here, not 'verdict'"),
    (asking("{{ prior. }}"), "1:24 J001 [}] expected name or number"),
    (asking("{{ category.name|uper }}"), "1:31 J001 [uper] Jinja has no filter 'uper'"),
    (
        asking("{% if prior is dfined %}x{% endif %}"),
        "1:29 J001 [dfined] Jinja has no test 'dfined'",
    ),
    (
        asking("{{ category.aliases|map('uper')|join }}"),
        "1:39 J001 [uper] Jinja has no filter 'uper'",
    ),
    (
        asking("{% include 'gone.j2' %}"),
        "1:25 J001 ['gone.j2'] there is no template 'gone.j2' beside this one",
    ),
    (
        asking("{% for loop in category.anomalies %}x{% endfor %}"),
        "1:21 J001 [loop] can't assign to special loop variable in for-loop target",
    ),
]

FIELDS = [
    (
        asking("{{ prior.component.statment }}"),
        "1:33 J002 [statment] the schema has no field 'statment' in prior.component",
    ),
    (asking("{{ categry.name }}"), "1:17 J002 [categry] a template has no name 'categry'"),
    (
        asking("{{ category['nmae'] }}"),
        "1:27 J002 [nmae] the schema has no field 'nmae' in category",
    ),
    (
        asking("{% for a in category.anomalies %}{{ a.nam }}{% endfor %}"),
        "1:52 J002 [nam] the schema has no field 'nam' in a (each of category.anomalies)",
    ),
    (
        asking(
            "{% for p in prior.motion.phases %}\n{% for q in [p] %}{{ q.expect }}{% endfor %}"
        ).replace("{% enduser", "{% endfor %}{% enduser"),
        "2:24 J002 [expect] the schema has no field 'expect' in q",
    ),
    (
        asking("{% for key, texts in category.classes() %}{{ texts.description }}{% endfor %}"),
        "1:65 J002 [description] the schema has no field 'description' in texts",
    ),
    (
        asking("{% for a in category.anomalies %}{{ loop.idx }}{{ a.id }}{% endfor %}"),
        "1:55 J002 [idx] Jinja's loop has no field 'idx'",
    ),
    (
        asking("{% set c = prior.component %}{{ c.statment|upper }}"),
        "1:48 J002 [statment] the schema has no field 'statment' in c (prior.component)",
    ),
    (
        asking("{% if prior.motion.phase %}x{% endif %}"),
        "1:33 J002 [phase] the schema has no field 'phase' in prior.motion",
    ),
    (
        asking("{{ prior.motion.phases[0].expectd }}"),
        "1:40 J002 [expectd] the schema has no field 'expectd' in prior.motion.phases[0]",
    ),
    (
        asking("{{ category.anomalies.name }}"),
        "1:36 J002 [name] the schema has no field 'name' in category.anomalies, which is a list",
    ),
    (
        asking("{{ category.name.uper() }}"),
        "1:31 J002 [uper] the schema has no field 'uper' in category.name, which is text",
    ),
    (
        asking("{{ category.anomalies|map(attribute='nmae')|join }}"),
        "1:51 J002 [nmae] the schema has no field 'nmae' in each of category.anomalies",
    ),
    (
        asking("{{ (category.anomalies|sort(attribute='id')|last).nme }}"),
        "1:64 J002 [nme] the schema has no field 'nme' in this value",
    ),
    (
        asking("{{ category.anomaly('stiff').nmae }}"),
        "1:43 J002 [nmae] the schema has no field 'nmae' in category.anomaly()",
    ),
    (
        asking("{{ category.__class__.__mro__ }}"),
        "1:26 J002 [__class__] the field '__class__' of category is closed to templates",
    ),
    (asking("{{ prior[0] }}"), "1:23 J002 [0] the schema has no item 0 in prior"),
    (asking("{{ colour|default('red') }}"), "1:17 J002 [colour] a template has no name 'colour'"),
    (
        asking("{% for a in category.anomalies %}{{ a.id }}{% endfor %}{{ a.id }}"),
        "1:72 J002 [a] a template has no name 'a'",
    ),
]

EMPTY = [
    (
        asking("{% if category.aliases %}x{% else %}{% endif %}"),
        "1:43 J003 [else] this 'else' branch renders nothing",
    ),
    (
        asking("{% if category.aliases %} {# so #} {% endif %}"),
        "1:17 J003 [if] this 'if' branch renders nothing",
    ),
    (
        asking("{% if category.aliases %}x{% elif verdict %}{{ '' }}{% endif %}"),
        "1:43 J003 [elif] this 'elif' branch renders nothing",
    ),
    (
        asking("{% for a in category.anomalies %}{% set b = a %}{% endfor %}"),
        "1:17 J003 [for] the body of this 'for' renders nothing",
    ),
    (
        asking("{% for a in category.aliases %}{{ a }}{% else %} {% endfor %}"),
        "1:55 J003 [else] this 'else' branch renders nothing",
    ),
    (
        asking("{% if verdict %}{% set unused = 'x' %}{% endif %}"),
        "1:17 J003 [if] this 'if' branch renders nothing",
    ),
    (
        answering("{% part motion %} {% endpart %}"),
        "2:19 J003 [part] this part 'motion' is empty",
    ),
    (ASK.replace("Hi", " ") + END, "1:4 J003 [user] this user turn is empty"),
    (
        asking("{% if true %}x{% endif %}"),
        "1:17 J003 [if] the test of this 'if' is the same for every category",
    ),
    (
        asking("{% if category.aliases %}x{% elif 1 > 2 %}y{% endif %}"),
        "1:43 J003 [elif] the test of this 'elif' is the same for every category",
    ),
    (
        asking("{% for a in [] %}x{% endfor %}"),
        "1:17 J003 [for] this loop goes over an empty list",
    ),
    (
        asking("{% if category.status == 'reviwed' %}x{% endif %}"),
        "1:39 J003 ['reviwed'] category.status is never 'reviwed', so this test never varies",
    ),
    (
        asking("{% for a in category.anomalies if a.onset in ['often'] %}x{% endfor %}"),
        "1:60 J003 ['often'] a.onset is never 'often', so this test never varies",
    ),
]

HOLD = "the verdict part must hold {{ verdict }} and nothing else"
VERDICTS = [
    ("", "1:1 J004 [] the mode 'mine' has no verdict part"),
    (
        ASK + "{% assistant %}So.{% endassistant %}",
        "2:4 J004 [assistant] the mode 'mine' has no verdict part",
    ),
    (
        (ASK + END)
        .replace("{% part", "{% if category.aliases %}{% part")
        .replace("{% enda", "{% endif %}{% enda"),
        "2:44 J004 [part] the verdict part is not reached on every path: "
        "it hangs on the 'if' of line 2",
    ),
    (
        (ASK + END)
        .replace("{% part", "{% for a in category.anomalies %}{% part")
        .replace("{% enda", "{% endfor %}{% enda"),
        "2:52 J004 [part] the verdict part stands in the loop of line 2, "
        "so it may come any number of times",
    ),
    (
        answering("{% part verdict %}{{ verdict }}{% endpart %}\n"),
        "3:4 J004 [part] a second verdict part on one path; the first is in line 2",
    ),
    (
        (ASK + END).replace("{% enda", "So it is.{% enda"),
        "2:60 J004 [So] this stands after the verdict part of line 2, which must be the last",
    ),
    (
        (ASK + END).replace("{% enda", "{% part motion %}x{% endpart %}{% enda"),
        "2:63 J004 [part] this stands after the verdict part of line 2, which must be the last",
    ),
    (
        ASK + END + "\n" + ASK + "{% assistant %}So.{% endassistant %}",
        "3:4 J004 [user] this stands after the verdict part of line 2, which must be the last",
    ),
    ((ASK + END).replace("{{ verdict }}", "{{ verdict|upper }}"), f"2:19 J004 [part] {HOLD}"),
    ((ASK + END).replace("{{ verdict }}", "{{ verdict }} So."), f"2:19 J004 [part] {HOLD}"),
    ((ASK + END).replace("{{ verdict }}", "Verdict: Normal."), f"2:19 J004 [part] {HOLD}"),
    ((ASK + END).replace("{{ verdict }}", ""), f"2:19 J004 [part] {HOLD}"),
    (
        asking("{% set verdict = 'x' %}"),
        "1:17 J004 [set] the name 'verdict' is given another meaning",
    ),
]

LOOSE = [
    (
        f"Loose words\n{ASK}{END}",
        "1:1 J005 [Loose words] the text 'Loose words' belongs to no turn",
    ),
    (
        ASK + "{{ category.name }}\n" + END,
        "2:4 J005 [category] this expression belongs to no turn",
    ),
    (
        ASK + "{{ 'a' not in category.name }}\n" + END,
        "2:4 J005 ['] this expression belongs to no turn",
    ),
    (
        asking("{% part motion %}x{% endpart %}"),
        "1:17 J005 [part] the part 'motion' stands inside the user turn of line 1",
    ),
    (
        ASK + "{% part motion %}x{% endpart %}\n" + END,
        "2:4 J005 [part] the part 'motion' stands outside an assistant turn",
    ),
    (
        answering("{% part motion %}\nx {% part subject %}y{% endpart %}{% endpart %}"),
        "3:6 J005 [part] the part 'subject' stands inside the part 'motion' of line 2",
    ),
    (
        asking("{% user %}x{% enduser %}"),
        "1:17 J005 [user] a user turn stands inside the user turn of line 1",
    ),
    (ASK + ASK + END, "2:4 J005 [user] a second user turn in a row"),
    (END, "1:4 J005 [assistant] the dialogue begins with an assistant turn"),
    (
        ASK + "{% assistant %}x{% endassistant %}\n" + END,
        "3:4 J005 [assistant] a second assistant turn in a row",
    ),
    (
        "{% if category.aliases %}\n" + ASK + "{% endif %}\n" + END,
        "4:4 J005 [assistant] the dialogue begins with an assistant turn",
    ),
    (
        "{% for p in prior.motion.phases %}\n" + ASK + "{% endfor %}\n" + ASK + END,
        "2:4 J005 [user] a second user turn in a row",
        "4:4 J005 [user] a second user turn in a row",
    ),
]

AS_PYTHON = "and is written out as Python shows it"

STRUCTURES = [
    (asking("{{ prior }}"), f"1:17 J006 [prior] prior is made of fields, {AS_PYTHON}"),
    (
        asking("{{ prior.motion }}"),
        f"1:17 J006 [prior] prior.motion is made of fields, {AS_PYTHON}",
    ),
    (
        asking("{{ prior.subject.parts }}"),
        f"1:17 J006 [prior] prior.subject.parts is a list, {AS_PYTHON}",
    ),
    (
        asking("{% for p in prior.motion.phases %}{{ p }}{% endfor %}"),
        f"1:51 J006 [p] p (each of prior.motion.phases) is made of fields, {AS_PYTHON}",
    ),
    (
        asking("{{ category.name.upper }}"),
        f"1:17 J006 [category] category.name.upper is a function, {AS_PYTHON}",
    ),
    (
        answering("{% set all = category.aliases %}{{ all }}"),
        f"2:51 J006 [all] all (category.aliases) is a list, {AS_PYTHON}",
    ),
]

QUESTIONS = [
    ("", "1:1 J008 [] nothing is asked: there is no user turn"),
    (
        ASK + "{% assistant %}x{% endassistant %}",
        "2:4 J008 [assistant] the answer to this question is the model's own",
    ),
    (ASK + ASK, "2:4 J008 [user] a second question; one alone is asked"),
    (
        "{% if category.aliases %}" + ASK + "{% endif %}",
        "1:29 J008 [user] this question is not asked on every path",
    ),
    (
        "{% for p in prior.motion.phases %}" + ASK + "{% endfor %}",
        "1:38 J008 [user] a second question; one alone is asked",
    ),
    (ASK + "So?", "2:1 J005 [So?] the text 'So?' belongs to no turn"),
    (
        ASK.replace("Hi", "{{ verdict }}"),
        "1:14 J002 [verdict] a template has no name 'verdict'",
    ),
    (ASK.replace("Hi", " "), "1:4 J003 [user] this user turn is empty"),
    (ASK,),
    ("{% if category.aliases %}" + ASK + "{% else %}" + ASK + "{% endif %}",),
]
"""Of a question for a description: ``describe.j2``."""


def rubric(
    user: str = "{{ answer }}", system: str = "Mark it.", before: str = '{% set version = "1" %}'
) -> str:
    """A sound rubric, or one in which something else stands."""
    return (
        f"{before}\n{{% block system %}}{system}{{% endblock %}}\n"
        f"{{% block user %}}{user}{{% endblock %}}\n"
    )


RUBRICS = [
    (rubric(before=""), "1:1 J007 [] the rubric names no version"),
    (rubric(before="{% set version = 1 %}"), "1:1 J007 [] the rubric names no version"),
    (
        rubric(before='Hi{% set version = "1" %}'),
        "1:1 J007 [Hi] this stands in no block, and reaches no judge",
    ),
    (
        rubric(before='{% macro m() %}{% user %}x{% enduser %}{% endmacro %}{% set version="1" %}'),
        "1:19 J007 [user] a rubric is no dialogue: it has blocks and no turns",
    ),
    (
        rubric(user="{% user %}{{ answer }}{% enduser %}"),
        "3:20 J007 [user] a rubric is no dialogue: it has blocks and no turns",
    ),
    (
        rubric() + "{% if anomalous %}x{% endif %}",
        "4:19 J007 [x] this stands in no block, and reaches no judge",
    ),
    (
        rubric(user="{{ answer | upper }}"),
        "3:20 J007 [answer] the answer must be written as it is: its fence would be open",
    ),
    (
        rubric(user="{{ answer }} {{ 'x' ~ answer }}"),
        "3:39 J007 [answer] the answer must be written as it is: its fence would be open",
    ),
    (
        rubric(system="{{ answer }}"),
        "2:22 J007 [answer] the answer has no place in the block 'system'",
    ),
    (
        rubric(user="{{ answer }} {{ answer }}"),
        "3:33 J007 [answer] the answer stands here once more",
    ),
    (rubric(user="{% if anomalous %}{{ answer }}{% else %}{{ answer }}{% endif %}"),),
    (rubric(user="So."), "3:4 J007 [block] the block 'user' does not show the answer"),
    (
        rubric().replace("block system", "block sytem"),
        "1:1 J007 [] the rubric has no block 'system'",
        "2:10 J007 [sytem] a rubric has no block 'sytem'",
    ),
    (
        '{% set version = "1" %}\n' + ASK + "{% assistant %}x{% endassistant %}",
        "1:1 J007 [] the rubric has no block 'system'",
        "1:1 J007 [] the rubric has no block 'user'",
        "2:4 J007 [user] a rubric is no dialogue: it has blocks and no turns",
    ),
    (
        rubric(system="{% include 'mine.j2' ignore missing %}"),
        "2:22 J007 [include] a rubric takes nothing in from other files",
    ),
    (
        rubric(user="{{ answer }} {{ references }}"),
        f"3:33 J006 [references] references is a list, {AS_PYTHON}",
    ),
    (
        rubric(user="{{ answer }} {{ prior }}"),
        "3:33 J002 [prior] a template has no name 'prior'",
    ),
    (
        rubric(user="{% if task == 'why' %}x{% endif %}{{ answer }}"),
        "3:31 J003 ['why'] task is never 'why', so this test never varies",
    ),
    (rubric(user="{{ answer }"), "3:27 J001 [}] unexpected '}'"),
    (rubric(),),
    (rubric(user="{% for r in references %}{{ loop.index }} {{ r }}{% endfor %}{{ answer }}"),),
    (rubric(user="{{ category }} {{ truth if anomalous else '-' }} {{ task }} {{ answer }}"),),
]
"""Of a judge's rubric: a file in ``judge/``."""

TABLE = [*SYNTAX, *FIELDS, *EMPTY, *VERDICTS, *LOOSE, *STRUCTURES]
"""Of a mode's dialogue."""
