"""Figures: what counts as met, and what is compared with what."""

import io
import os
import time

import pytest
from rich.console import Console

from tests.bench import figures, machine
from tests.bench.figures import Line, Outcome


def test_a_ratio_is_the_median_of_ratios_of_the_same_round():
    assert figures.paired([(10, 10), (30, 10), (20, 10)]) == 2.0


@pytest.mark.parametrize(("value", "met"), [(5_000.0, True), (4_999.0, False)])
def test_a_rate_is_met_from_its_target_on(value, met):
    assert figures.at_least("rate", value, 5_000, "records/s").met is met


@pytest.mark.parametrize(("value", "met"), [(499.0, True), (500.0, False)])
def test_a_peak_is_met_below_its_target(value, met):
    assert figures.below("memory", value, 500, "MB").met is met


def test_a_second_reason_for_doubt_does_not_replace_the_first():
    outcome = Outcome("page", [Line("what", "1")], {}, "others used 0.50 cores")

    assert figures.doubted(outcome, "tiny sizes").doubts == "tiny sizes; others used 0.50 cores"


@pytest.mark.parametrize(("doubts", "verdict"), [(None, "MISSED"), ("others used 0.50 cores", "in doubt")])
def test_a_figure_in_doubt_neither_meets_nor_misses_its_target(doubts, verdict):
    told = io.StringIO()

    figures.show(
        [Outcome("page", [figures.at_least("ratio", 0.5, 1.5, "x")], {}, doubts)],
        Console(file=told, width=120),
    )

    assert told.getvalue().splitlines()[1].split("  ")[-1].strip() == verdict


def test_what_a_process_uses_is_counted_as_its_own():
    before = machine.used_s(os.getpid())

    began = time.process_time()
    while time.process_time() - began < 0.2:
        pass

    assert machine.used_s(os.getpid()) - before >= 0.15


def test_memory_at_its_most_is_never_less_than_what_was_held():
    before = machine.peak_bytes(os.getpid())

    held = bytearray(50 * 10**6)
    held[::4096] = b"x" * len(held[::4096])

    assert machine.peak_bytes(os.getpid()) >= max(before, len(held))
