"""How a sentence is wrapped for a terminal."""

from __future__ import annotations

import pytest

from physprior.cli.console import paragraph


@pytest.mark.parametrize("width", range(20, 60))
def test_an_interval_stays_on_one_line(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    paragraph("Lost: 0.349 [0.31, 0.39] of 0.894 [-0.2, 1]; it uses one.", width)
    lines = capsys.readouterr().out.splitlines()
    assert any("[0.31, 0.39]" in line for line in lines)
    assert any("[-0.2, 1]" in line for line in lines)
    assert max(map(len, lines)) <= width
    assert "".join(lines).isascii()
