"""Processes are killed at every step of what they do, and at any instant: what is lost, what is done twice?"""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.chaos.campaign import Campaign, rounds
from tests.chaos.deaths import WEB, WORKER
from tests.chaos.score import Score, audited, count
from tests.chaos.table import attach

ENOUGH = 260
"""Kills on each database in the long form."""


def score_of(campaign: Campaign) -> Score:
    """Leave it in peace, and count."""
    campaign.leave_in_peace()
    with campaign.house.sessions() as session:
        assert audited(session, campaign.clock()) == []
        score = count(session, campaign.simulator)
    assert score.waiting == 0
    return score


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)  # the long form runs on both
def test_killed_at_every_step_nothing_is_lost_and_no_customer_hears_twice(
    engine: Engine, tmp_path: Path
) -> None:
    with Campaign.at(engine.url.render_as_string(hide_password=False), tmp_path) as campaign:
        rounds(campaign)
        score = score_of(campaign)
    assert score.wrong == {}, score
    assert score.steps > 100
    assert set(campaign.dead) >= {*WORKER, *WEB}


@pytest.mark.chaos
@pytest.mark.timeout(1200)
def test_killed_hundreds_of_times_nothing_is_lost_and_no_customer_hears_twice(
    engine: Engine, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with Campaign.at(engine.url.render_as_string(hide_password=False), tmp_path, seed=2) as campaign:
        for turn in range(ENOUGH):
            rounds(campaign, turn)
            if campaign.kills >= ENOUGH:
                break
        score = score_of(campaign)
    attach(request, engine.dialect.name, score, campaign.dead)
    assert campaign.kills >= ENOUGH
    assert score.wrong == {}, score
