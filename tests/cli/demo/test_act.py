from __future__ import annotations

import pytest

from clarion.cli.demo.act import Act
from clarion.cli.demo.restraint import Night
from clarion.cli.demo.story import acts, people

NIGHT = Night(zone="Asia/Tokyo", wall="23:14")


@pytest.mark.parametrize("act", acts(NIGHT), ids=lambda act: act.title)
def test_what_has_to_come_of_an_act_is_about_its_events(act: Act) -> None:
    labels = [send.label for send in act.sends]
    assert len(set(labels)) == len(labels)
    named = [each.label for each in act.expected]
    named += [each.label for each in act.tallies]
    named += [each.label for each in act.looks]
    assert set(named) <= set(labels)
    assert set(act.timed) <= set(labels)
    assert act.together <= len(labels)


def test_one_of_the_people_lives_where_it_is_night() -> None:
    assert [one.id for one in people(NIGHT) if one.timezone == "Asia/Tokyo"] == ["alma"]
