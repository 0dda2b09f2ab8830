from bench.inbox import headline


def test_figures_of_the_largest_audience_stand_for_the_run() -> None:
    figures = {
        "written_10000_recipients_per_second": 30_000.0,
        "written_1000000_recipients_per_second": 41_000.0,
        "written_10000_peak_megabytes": 100.0,
        "written_1000000_peak_megabytes": 120.0,
        "broadcast_10000_visible_ms_max": 90.0,
        "broadcast_1000000_visible_ms_max": 40.0,
    }
    spread = {"written_1000000_recipients_per_second": (40_000.0, 42_000.0)}
    headline(figures, spread, [10_000, 1_000_000])
    assert figures["written_recipients_per_second"] == 41_000
    assert spread["written_recipients_per_second"] == (40_000.0, 42_000.0)
    assert figures["written_memory_ratio"] == 1.2
    assert figures["broadcast_visible_ms_max"] == 90
    assert "broadcast_memory_ratio" not in figures
