"""The demo's cars and chargers behave as real ones do."""

from demo.custom_components.demo_house.physics import Car, CarModel, Charger, Phase
import pytest

ESTATE = CarModel("Estate", battery_kwh=77, phases=3, max_a=16)
CITY_CAR = CarModel("City car", battery_kwh=36, phases=1, max_a=32)


def _garage(limit: float = 16, **kwargs: bool) -> Charger:
    return Charger("Garage", phases=3, max_a=16, limit=limit, **kwargs)


def test_car_follows_the_limit_after_its_reaction_time() -> None:
    charger = _garage(10)
    charger.plug_in(Car(ESTATE, 30))
    charger.step(1)
    assert charger.power_w == 0
    assert charger.phase is Phase.PREPARING
    charger.step(10)
    assert charger.power_w == pytest.approx(3 * 10 * 230)
    assert charger.phase is Phase.CHARGING


def test_energy_ends_up_in_the_battery() -> None:
    car = Car(ESTATE, 30)
    charger = _garage()
    charger.plug_in(car)
    charger.step(3600)
    assert charger.energy_kwh == pytest.approx(11.04, rel=0.01)
    assert (car.soc - 30) / 100 * 77 == pytest.approx(charger.energy_kwh * 0.9)


@pytest.mark.parametrize(("limit", "drawn_a"), [(5.9, 0), (6, 6), (16, 16), (20, 16)])
def test_nothing_flows_below_six_amperes(limit: float, drawn_a: float) -> None:
    charger = _garage(limit)
    charger.plug_in(Car(ESTATE, 30))
    charger.step(30)
    assert charger.current_a == pytest.approx((drawn_a, drawn_a, drawn_a))


def test_one_phase_car_draws_from_the_first_phase_alone() -> None:
    charger = _garage()
    charger.plug_in(Car(CITY_CAR, 30))
    charger.step(30)
    assert charger.current_a == pytest.approx((16, 0, 0))


@pytest.mark.parametrize(
    ("model", "limit_w", "drawn_w"),
    [
        (ESTATE, 4130, 0),
        (ESTATE, 4140, 4140),
        (ESTATE, 8000, 8000),
        (CITY_CAR, 1380, 1380),
        (CITY_CAR, 3600, 3600),
        (CITY_CAR, 11_040, 3680),
        (CITY_CAR, 0, 0),
    ],
)
def test_limit_in_watts_covers_the_phases_in_use(
    model: CarModel, limit_w: float, drawn_w: float
) -> None:
    charger = Charger("Carport", phases=3, max_a=16, limit=limit_w, limit_in_w=True)
    charger.plug_in(Car(model, 30))
    charger.step(30)
    assert charger.power_w == pytest.approx(drawn_w)


def test_battery_takes_less_and_less_above_eighty_percent() -> None:
    accepted = [ESTATE.acceptance_a(soc) for soc in (50, 80, 90, 99, 100)]
    assert accepted == sorted(accepted, reverse=True)
    assert accepted[0] == accepted[1] == 16
    assert accepted[-1] == 0


def test_car_ends_full_and_says_so() -> None:
    car = Car(ESTATE, 97)
    charger = _garage()
    charger.plug_in(car)
    charger.step(4 * 3600)
    assert car.soc == 100
    assert charger.power_w == 0
    assert charger.phase is Phase.FULL


def test_switching_off_pauses_and_unplugging_ends() -> None:
    charger = _garage()
    assert charger.phase is Phase.EMPTY
    car = Car(ESTATE, 30)
    charger.plug_in(car)
    charger.step(30)
    charger.enabled = False
    charger.step(30)
    assert charger.power_w == 0
    assert charger.phase is Phase.PAUSED
    charger.enabled = True
    charger.step(30)
    charger.plug_in(None)
    assert car.power_w == 0
    assert charger.phase is Phase.EMPTY
