"""The split of a retraining: what was held back stays so, whatever comes and goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from retraining import Paper, collection, make_paper, video

from physprior.dataset.index import Video
from physprior.dataset.protocols import PROTOCOLS
from physprior.dataset.records import SPLITS
from physprior.dataset.split import SplitOptions
from physprior.dataset.split_file import apply_split, write_split
from physprior.errors import DatasetError
from physprior.pipeline.retrain.split import keep_split

ANY = Path("index.jsonl")


def with_folders(videos: list[Video]) -> list[Video]:
    """The same with an official split, as a list of one's own may give it."""
    return [
        one.model_copy(update={"split": "test" if one.label or number % 3 == 0 else "train"})
        for number, one in enumerate(videos)
    ]


@pytest.fixture(scope="module", params=sorted(PROTOCOLS))
def split_place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """A dataset by each protocol."""
    folder = tmp_path_factory.mktemp(request.param)
    paper = make_paper(folder, SplitOptions(protocol=request.param, fractions=(0.5, 0.25, 0.25)))
    paper.save(with_folders(collection()))
    paper.build()
    return paper


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_known_video_changes_its_split_whatever_comes_and_goes(
    split_place: Paper, data: st.DataObject
) -> None:
    dataset = split_place.dataset
    old = with_folders(collection())
    gone = data.draw(st.sets(st.sampled_from([one.path for one in old]), max_size=40))
    kept = [one for one in old if one.path not in gone]
    more = data.draw(st.integers(0, 30))
    extra = [
        video(
            f"clip/more/{number}.mp4",
            "unable_to_press" if number % 2 else "normal",
            split="test" if number % 2 else "train",
        )
        for number in range(more)
    ]
    found = keep_split(dataset, [*kept, *extra], ANY)
    then = {record.video: name for name in SPLITS for record in dataset.records(name)}
    assert {one.path: found.split.assignment[one.path] for one in kept} == {
        one.path: then[one.path] for one in kept
    }
    assert found.new == {one.path: found.split.assignment[one.path] for one in extra}


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return make_paper(tmp_path)


def test_an_added_category_is_split_as_a_build_with_the_old_options_splits_it(paper: Paper) -> None:
    videos = collection(categories=("ball", "clip", "slide"))
    found = keep_split(paper.dataset, videos, ANY)
    assert found.options == paper.options
    assert sorted(set(found.new.values())) == ["test", "train", "val"]
    assert all(path.startswith("ball/") for path in found.new)


def test_where_the_old_options_would_deal_anew_the_split_is_held_as_a_file(paper: Paper) -> None:
    videos = [*collection(), *(video(f"clip/more/{number}.mp4") for number in range(16))]
    found = keep_split(paper.dataset, videos, ANY)
    assert found.options is None
    assert sorted(set(found.new.values())) == ["test", "train", "val"]
    path = paper.folder / "kept.json"
    write_split(found.split, path)
    assert apply_split(found.split, videos, path).assignment == found.split.assignment


def test_a_copy_goes_where_its_original_is(paper: Paper) -> None:
    originals = {name: paper.dataset.records(name)[0] for name in SPLITS}
    copies = {
        f"{one.category}/copies/{name}.mp4": video(
            f"{one.category}/copies/{name}.mp4", one.class_id, sha256=one.sha256
        )
        for name, one in originals.items()
    }
    found = keep_split(paper.dataset, [*collection(), *copies.values()], ANY)
    assert {path: found.split.assignment[path] for path in copies} == {
        path: Path(path).stem for path in copies
    }


def test_the_same_pictures_in_another_container_go_where_the_first_are(paper: Paper) -> None:
    tested = {record.video for record in paper.dataset.records("test")}
    videos = [one.model_copy(update={"content": f"pictures of {one.path}"}) for one in collection()]
    first = next(one for one in videos if one.path in tested)
    again = first.model_copy(update={"path": "clip/more/0.mkv", "sha256": "another file"})
    assert keep_split(paper.dataset, [*videos, again], ANY).new == {again.path: "test"}


def test_a_new_video_of_a_known_object_goes_where_the_object_is(tmp_path: Path) -> None:
    paper = make_paper(tmp_path)
    videos = [
        one.model_copy(update={"instance": f"{one.category}-{number % 8}"})
        for number, one in enumerate(collection())
    ]
    paper.save(videos)
    paper.build()
    then = {record.instance: name for name in SPLITS for record in paper.dataset.records(name)}
    more = [video(f"clip/more/{number}.mp4", instance=f"clip-{number}") for number in range(8)]
    found = keep_split(paper.dataset, [*videos, *more], ANY)
    assert found.new == {one.path: then[str(one.instance)] for one in more}


def test_a_renamed_video_is_the_same_video(paper: Paper) -> None:
    tested = {record.video for record in paper.dataset.records("test")}
    renamed = [
        one.model_copy(update={"path": one.path.replace("/test/", "/moved/")})
        for one in collection()
    ]
    found = keep_split(paper.dataset, renamed, ANY)
    assert {path for path, name in found.split.assignment.items() if name == "test"} == {
        path.replace("/test/", "/moved/") for path in tested
    }
    assert found.new == {}


def test_protocol_weak_trains_on_no_more_anomalies_of_a_class(tmp_path: Path) -> None:
    paper = make_paper(tmp_path, SplitOptions(protocol="weak", k=2))
    more = [video(f"clip/more/{number}.mp4", "unable_to_press") for number in range(6)]
    new = [video(f"clip/other/{number}.mp4", "unable_to_rebound") for number in range(6)]
    found = keep_split(paper.dataset, [*collection(), *more, *new], ANY)
    assert {found.new[one.path] for one in more} == {"test"}
    assert sorted(found.new[one.path] for one in new) == ["test"] * 4 + ["train"] * 2


def test_a_published_split_that_is_gone_or_names_no_new_video_is_held_all_the_same(
    tmp_path: Path,
) -> None:
    paper = make_paper(tmp_path)
    published = tmp_path / "published.json"
    write_split(keep_split(paper.dataset, collection(), ANY).split, published)
    paper.options = SplitOptions(split_file=published)
    paper.build()
    same = keep_split(paper.dataset, collection(), ANY)
    assert same.options is not None
    videos = [*collection(), video("clip/more/0.mp4")]
    more = keep_split(paper.dataset, videos, ANY)
    assert more.options is None
    assert more.new.keys() == {"clip/more/0.mp4"}
    published.unlink()
    assert keep_split(paper.dataset, collection(), ANY).split.assignment == same.split.assignment


def test_a_published_split_of_other_videos_alone_is_refused(paper: Paper) -> None:
    with pytest.raises(DatasetError, match="none of the videos of"):
        keep_split(paper.dataset, collection(categories=("ball",)), ANY)
