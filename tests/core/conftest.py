"""How thoroughly Hypothesis looks; `HYPOTHESIS_PROFILE=mutants` is for many short runs."""

from __future__ import annotations

import os

from hypothesis import Phase, settings

settings.register_profile("unhurried", deadline=None)
settings.register_profile(
    "mutants",
    deadline=None,
    max_examples=15,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "unhurried"))
