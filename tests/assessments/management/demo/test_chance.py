from assessments.management.demo.chance import dice, spread_out


def test_dice_fall_the_same_way_for_the_same_thing() -> None:
    assert dice("answers", "Paylink").random() == dice("answers", "Paylink").random()
    assert dice("answers", "Paylink").random() != dice("answers", "Open Ward").random()


def test_spread_out_says_yes_as_often_as_the_share_and_evenly() -> None:
    assert list(spread_out(iter([0.5] * 6))) == [True, False, True, False, True, False]
    assert sum(spread_out(iter([0.75] * 8))) == 6
    assert not any(spread_out(iter([0.0] * 4)))
    assert all(spread_out(iter([1.0] * 4)))
