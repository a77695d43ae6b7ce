from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from html import unescape

import numpy as np
import pytest
from PIL import Image
from shop import Shop, everything_taught, mixed, open_shop, taught_text

from physprior.train.look.batch_page import page
from physprior.train.recipe import Recipe

MakeRecipe = Callable[..., Recipe]


@pytest.fixture
def shop(make_recipe: MakeRecipe) -> Shop:
    return open_shop(make_recipe())


def shown_page(shop: Shop, numbers: list[int]) -> str:
    return page(shop.read(shop.batch(numbers)), [("base", "a base")])


def test_the_page_s_pictures_are_the_cached_pixels(shop: Shop) -> None:
    numbers = mixed(shop)
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', shown_page(shop, numbers))
    pictures = [np.asarray(Image.open(io.BytesIO(base64.b64decode(text)))) for text in found]
    cached = [frame for n in numbers for frame in shop.load(shop.samples[n].clip)]
    assert len(pictures) == len(cached) == 8 * len(numbers)
    for picture, frame in zip(pictures, cached, strict=True):
        np.testing.assert_array_equal(picture.transpose(2, 0, 1), frame)


def test_the_page_says_which_frames_of_the_video_they_are(shop: Shop) -> None:
    # 16 frames at 30 a second, eight of them in the middles of equal pieces.
    assert [index for index, _ in shop.read(shop.batch([0])).records[0].moments] == [
        1, 3, 5, 7, 9, 11, 13, 15,
    ]  # fmt: skip
    assert "frame 15, 0.50\u00a0s" in shown_page(shop, [0])


def test_the_page_needs_nothing_from_elsewhere(shop: Shop) -> None:
    text = shown_page(shop, mixed(shop))
    without_pictures = re.sub(r"data:image/png;base64,[^\"]+", "data:", text)
    assert not re.search(r"<script|<link|<iframe|@import|url\(|https?:|//", without_pictures)
    assert set(re.findall(r'(?:src|href)="([^"]*)"', without_pictures)) == {"data:"}


def test_the_page_underlines_the_taught_tokens_and_no_others(shop: Shop) -> None:
    text = shown_page(shop, [0]).partition("<h2>The records</h2>")[2]
    spans = re.findall(r'<span class="(t [^"]*)" title="([^"]*)">([^<]*)</span>', text)
    row = shop.read(shop.batch([0])).records[0]
    assert len(spans) == len(row.tokens)
    said = "".join(unescape(inner) for style, _, inner in spans if "taught" in style.split())
    assert said == taught_text(row)
    for (style, title, _), token in zip(spans, row.tokens, strict=True):
        assert f"p-{token.part}" in style.split()
        assert f"id {token.id}, place {token.place}" in title


def test_a_text_of_the_kb_cannot_write_html(make_recipe: MakeRecipe) -> None:
    shop = open_shop(make_recipe(), say="<script>alert('&')</script> What is seen?")
    text = shown_page(shop, [0])
    assert "<script>" not in text
    spans = re.findall(r'<span class="t [^"]*" title="[^"]*">([^<]*)</span>', text)
    assert "<script>alert('&')</script> What is seen?" in unescape("".join(spans))


def test_the_page_marks_what_should_not_be_taught(shop: Shop) -> None:
    batch = shop.batch(mixed(shop))
    assert 'class="line wrong"' not in page(shop.read(batch), [])
    everything_taught(batch)
    text = page(shop.read(batch), [])
    assert 'class="line wrong"' in text
    assert "taught, and of no part" in text
    assert "do not hold</h2>" in text


def test_the_same_batch_gives_the_same_page(shop: Shop) -> None:
    assert shown_page(shop, [1, 0]) == shown_page(shop, [1, 0])
