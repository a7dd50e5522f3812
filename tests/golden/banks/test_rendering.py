"""What reaches a page: safe, and shown as other sites show it."""

import re
import subprocess
import sys
import threading
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzer.banks.agreement import is_shown_alike
from quizzer.banks.formulas import FormulaError, count_unclosed, render_formula
from quizzer.banks.rendering import render_text
from quizzer.domain.items import Text

ALLOWED_ATTRIBUTES = {
    *("href", "title", "rel", "src", "alt", "start", "align", "class", "display", "displaystyle"),
    *("scriptlevel", "mathvariant", "stretchy", "form", "lspace", "rspace", "accent", "mathcolor"),
    *("minsize", "maxsize", "movablelimits", "symmetric", "linethickness", "width", "columnspan"),
    *(
        "accentunder",
        "separator",
        "fence",
        "largeop",
        "height",
        "depth",
        "voffset",
        "intent",
        "arg",
    ),
}
FORBIDDEN_TAGS = {
    *("script", "style", "iframe", "object", "embed", "svg", "form", "input", "button", "base"),
    *("link", "meta", "textarea", "template", "noscript", "title", "video", "audio", "source"),
}


def render(source: str) -> str:
    return render_text(Text(source=source, line=1))


class Audit(HTMLParser):
    """Fails on anything that could run, load or style."""

    def handle_starttag(self, tag, attrs):
        assert tag not in FORBIDDEN_TAGS
        for name, value in attrs:
            assert name in ALLOWED_ATTRIBUTES, (tag, name)
            if name == "href":
                assert re.match(r"(https?|mailto):|[^:]*$", value or ""), value
            if name == "src":
                assert value.startswith("/figures/")


def audit(rendered: str) -> None:
    parser = Audit()
    parser.feed(rendered)
    parser.close()


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<style>*{display:none}</style>",
    "<textarea><b>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](<javascript:alert(1)>)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    '![x](https://example.org/a.svg "y")',
    "![x](//example.org/a.svg)",
    "![x](/figures/../../a.svg)",
    '[x](https://example.org "onmouseover=alert(1)")',
    '[x](https://example.org"onmouseover="alert(1))',
    r"$\text{<img src=x onerror=alert(1)>}$",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\style{color:red}{x}$",
    r"$\class{danger}{x}$",
    r"$$\begin{array}{c}<script>\end{array}$$",
    "$<script>alert(1)</script>$",
    "```{.python onclick=alert(1) style=x}\nx\n```",
    '```python title="<img src=x onerror=alert(1)>"\nx\n```',
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>alert(1)</script>`",
    "<kbd onclick=alert(1)>x</kbd>",
    "<sub><script>alert(1)</script></sub>",
    "x{: onclick=alert(1)}",
    "___<script>___",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "\x02wzxhzdk:0\x03 \x02klzzwxh:0000\x03 &#2;wzxhzdk:0&#3;",
    "<!--<script>-->alert(1)<!--</script>-->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[a]: javascript:alert(1)\n\n[a]",
    "<div style='position:fixed'>x</div>",
]


@pytest.mark.parametrize("source", ATTACKS)
def test_an_attack_becomes_text(source):
    audit(render(source))
    audit(render(f"- a\n\n  {source}\n"))
    audit(render(f"> {source}"))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from((*ATTACKS, "\n", "`", "*", "$", "<", ">", "[", "](", '"', "```\n")),
        max_size=6,
    )
)
def test_attacks_in_company_become_text(parts):
    audit(render("".join(parts)))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(max_size=200))
def test_any_text_renders_to_safe_html(source):
    audit(render(source))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("costs $5 or $6", "<p>costs $5 or $6</p>"),
        (r"\$x\$", "<p>$x$</p>"),
        ("`$x$`", "<p><code>$x$</code></p>"),
        ("$x$", "<p><math><mi>x</mi></math></p>"),
        ("$a_1$ and *b*", "<p><math><msub><mi>a</mi><mn>1</mn></msub></math> and <em>b</em></p>"),
        ("$x$$", "<p>$x$$</p>"),
        ("H<sub>2</sub>O<br>", "<p>H<sub>2</sub>O<br></p>"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("snake_case_name, __init__.py", "<p>snake_case_name, <strong>init</strong>.py</p>"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
        ("___gap___", '<p><span class="blank">___gap___</span></p>'),
        ("![a](/figures/l2/a.svg)", '<p><img alt="a" src="/figures/l2/a.svg"></p>'),
        ("", ""),
    ],
)  # fmt: skip
def test_small_fragments(source, expected):
    assert render(source) == expected


def test_blanks_are_marked_inside_highlighted_code():
    assert '<span class="blank">___mode___</span>' in render("```python\nmodel.___mode___()\n```")


def test_a_formula_on_its_own_is_a_block_and_its_styles_are_classes():
    rendered = render("$$\n\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}\n$$")
    assert '<math display="block">' in rendered
    assert 'class="math-right math-tight-right"' in rendered
    assert " style=" not in rendered


def test_a_formula_that_cannot_be_shown_appears_as_its_source():
    rendered = render(r"$\nosuch{x}$")
    assert rendered.startswith('<p><code class="math-error" title="formula:')
    assert r"\nosuch{x}" in rendered


ALIKE = [
    "text\n```python\nx = 1\n```\nmore",
    "1) one\n   ```python\n   y = 2\n\n   z = 3\n   ```\n2) two\n- a\n  - b\n    - c\n- d",
    "> quote\nlazy",
    "> a\n> - b\n> - c\n>\n> ```python\n> x\n> ```\n> after",
    "- a\n\n  para\n\n      code\n- b",
    "text\n- a\n- b\ntext2\n\nx",
    "1. a\n2. b\n\n3. c",
    "a\n1. b\n2. c",
    "a\n2. b",
    "- a\n\n\n- b",
    "# h\ntext\n## h2",
    "a\\\nb",
    "a  \nb",
    "a\n***\nb",
    "- - a\n  - b",
    "10. ten\n    ```\n    x\n    ```\n11. e",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "text\n| a | b |\n|---|---|\n| 1 | 2 |",
    "    code\n\n    more",
    "text\n    cont",
    "*a*b _c_d __e__ ***f*** a_b_c",
    "`a` ``b` c`` \\* \\_ &amp; &copy;",
    "- a\n  > q\n  > r\n\n- b",
    "1. a\n\n   b\n\n   - c\n\n     d\n2. e",
    "~~~text\nfoo\n~~~",
    "**bold**text*it*",
    '[a](b "c") <https://x.y> ![i](/figures/l/a.svg)',
    "- a\n\ntext",
    "1. a\n   text\n- b",
    "a * b * c and 2**3**4 and x = a*b*c",
    "- `a`: b\n- `c`: d\n\n  ```python\n  x\n  ```\n\n- e",
    "3. three\n4. four",
    "```\nno lang\n```",
    "- a\n   - b",
    "- a\n    - b",
    "1. a\n  - b",
    "> > a\n> b",
    "- one\n  two\n  three\n- four",
    "1. a\n\n   ```python\n   def f():\n\n       return 1\n   ```\n\n   after\n\n2. b",
    "para\n\n- a\n\n  | x | y |\n  |---|---|\n  | 1 | 2 |\n",
]


@pytest.mark.parametrize("source", ALIKE)
def test_a_fragment_looks_as_on_other_sites(source):
    assert is_shown_alike(Text(source=source, line=1))


@pytest.mark.parametrize(
    "source",
    [
        "*a*" * 6_000,
        "`" * 19_000,
        "> " * 8 + "a",
        "- a\n" * 4_000,
        "[a](" * 480,
        "$a" * 9_000,
        "\\" * 19_000,
    ],
)
def test_a_hostile_fragment_within_the_limits_is_rendered_soon(source):
    started = time.monotonic()
    render(source)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "source",
    [
        "[" * 16_000,
        "x" * 20_001,
        "".join("  " * n + "- a\n" for n in range(100)),
        "- " * 500 + "a",
        "> " * 500 + "a",
    ],
)
def test_a_fragment_beyond_the_limits_is_shown_as_plain_text(source):
    assert render(source).startswith("<pre>")


@pytest.mark.parametrize(
    "latex",
    [
        "x" * 2_001,
        "{" * 60 + "x" + "}" * 60,
        "\\sqrt" * 60 + " x",
        "\\frac1" * 60 + "x",
        "(" * 30,
        "\\langle x" * 30,
        "{" + "[" * 30 + "}" + "]" * 30,
        "\\newcommand{\\a}{{{x}}}\\a",
        "\\def\\a{x}\\a",
        "\\boxed{x}",
        "\\nosuch",
    ],
)
def test_a_formula_that_could_harm_is_refused_before_it_is_converted(latex):
    with pytest.raises(FormulaError):
        render_formula(latex, is_display=False)


def test_intervals_and_ordinary_nesting_are_no_harm():
    assert count_unclosed("[0, 1) \\cup (2, 3]") == 0
    assert "<math" in render_formula("f((a+b)(c+d)) \\in [0, 1)", is_display=False)
    assert "mathcolor" in render_formula("\\color{red}x", is_display=True)


NEAR_THE_LIMITS = r"""
import threading
from quizzer.banks.formulas import FormulaError, render_formula

def go():
    for latex in ("{" * 50 + "x" + "}" * 50, r"\hat" * 49 + " x", r"\sqrt{" * 24 + "x" + "}" * 24, "(" * 10):
        try:
            render_formula(latex, is_display=False)
        except FormulaError:
            pass

threading.stack_size(512 * 1024)
thread = threading.Thread(target=go)
thread.start()
thread.join()
print("alive")
"""


def test_the_limits_hold_on_a_small_stack():
    done = subprocess.run(
        [sys.executable, "-c", NEAR_THE_LIMITS], capture_output=True, text=True, check=False
    )
    assert done.stdout == "alive\n", done


def test_threads_have_converters_of_their_own():
    results = {}

    def go(name):
        results[name] = [render(f"*{name}* {n} `x`\n\n- a\n- {name}") for n in range(20)]

    threads = [threading.Thread(target=go, args=(name,)) for name in "abcdef"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, rendered in results.items():
        assert all(f"<em>{name}</em>" in one and f"<li>{name}</li>" in one for one in rendered)
