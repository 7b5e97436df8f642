from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.logs.layout import readable, sealed_path, service_folder
from tocsin.model import TocsinError

DAY = "2026-11-25"


def put(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def listed(store: Path) -> list[str]:
    files = readable(store)
    names = [f"{segment.service}/{segment.lines.name}" for segment in files.segments]
    return names + [file.path.name for file in files.sealed]


def lines(store: Path, service: str, number: int) -> Path:
    return store / "segments" / service / f"{number:08}.jsonl"


def test_a_store_that_does_not_exist_has_no_files(tmp_path: Path) -> None:
    assert listed(tmp_path / "none") == []


def test_a_segment_counts_until_it_is_sealed_and_meanwhile_none_of_its_parquet_does(tmp_path: Path) -> None:
    put(lines(tmp_path, "shop", 1), sealed_path(tmp_path, DAY, "shop", 1, 1), sealed_path(tmp_path, DAY, "till", 1, 1))
    assert listed(tmp_path) == ["shop/00000001.jsonl", "till-00000001.parquet"]
    put(tmp_path / "segments" / "shop" / "00000001.sealed")
    assert listed(tmp_path) == ["shop-00000001.parquet", "till-00000001.parquet"]
    lines(tmp_path, "shop", 1).unlink()
    assert listed(tmp_path) == ["shop-00000001.parquet", "till-00000001.parquet"]


def test_what_is_compacted_counts_in_place_of_what_it_covers(tmp_path: Path) -> None:
    put(*(sealed_path(tmp_path, DAY, "shop", number, number) for number in (1, 2, 3, 4)))
    put(sealed_path(tmp_path, DAY, "shop", 2, 3), sealed_path(tmp_path, "2026-11-24", "shop", 2, 2))
    assert listed(tmp_path) == [
        "shop-00000002.parquet",
        "shop-00000001.parquet",
        "shop-00000002_00000003.parquet",
        "shop-00000004.parquet",
    ]
    put(sealed_path(tmp_path, DAY, "shop", 1, 4))
    assert listed(tmp_path) == ["shop-00000002.parquet", "shop-00000001_00000004.parquet"]


def test_of_what_was_sealed_and_compacted_while_it_was_listed_each_line_counts_once(tmp_path: Path) -> None:
    put(lines(tmp_path, "shop", 2), sealed_path(tmp_path, DAY, "shop", 1, 2))
    put(*(sealed_path(tmp_path, DAY, "shop", number, number) for number in (1, 2)))
    assert listed(tmp_path) == ["shop/00000002.jsonl", "shop-00000001.parquet"]


def test_files_that_are_being_written_do_not_count(tmp_path: Path) -> None:
    put(tmp_path / "days" / DAY / ".shop-00000001.parquet.new", tmp_path / "segments" / "shop" / ".00000001.places.new")
    assert listed(tmp_path) == []


@pytest.mark.parametrize("service", ["", ".", "..", "a/b", "-x", "a" * 101])
def test_a_service_that_cannot_be_a_folder_is_refused(service: str, tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match="cannot be called"):
        service_folder(tmp_path, service)


@pytest.mark.parametrize("service", ["shop", "a-00000001_00000002", "lightspeed-bigquery", "A.b_c"])
def test_whatever_a_service_is_called_its_parquet_is_told_apart(service: str, tmp_path: Path) -> None:
    assert service_folder(tmp_path, service).name == service
    put(sealed_path(tmp_path, DAY, service, 3, 12))
    (file,) = readable(tmp_path).sealed
    assert (file.service, file.day, file.first, file.last) == (service, DAY, 3, 12)
