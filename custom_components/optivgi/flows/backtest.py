"""The site's menu: what would the last weeks have cost."""

import asyncio
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.core import callback
from homeassistant.helpers.selector import NumberSelector, NumberSelectorConfig, NumberSelectorMode
import voluptuous as vol

from ..backtest.backtest import Backtest
from ..backtest.bill import Bill
from ..backtest.past import DEFAULT_WEEKS, MOST_WEEKS
from ..explain.backtest import notes_of
from ..runtime import OptivgiConfigEntry

CONF_WEEKS: Final = "weeks"
WEEKS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_WEEKS, default=DEFAULT_WEEKS): NumberSelector(
            NumberSelectorConfig(min=1, max=MOST_WEEKS, step=1, mode=NumberSelectorMode.SLIDER)
        )
    }
)


class BacktestFlow(OptionsFlow):
    """Asks for how many weeks, shows the progress, and then what came of it."""

    _task: asyncio.Task[Backtest] | None = None

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for how many weeks."""
        entry: OptivgiConfigEntry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        if user_input is None:
            return self.async_show_form(step_id="init", data_schema=WEEKS_SCHEMA)
        run = entry.runtime_data.backtester.async_run(
            int(user_input[CONF_WEEKS]), self.async_update_progress
        )
        self._task = self.hass.async_create_task(run)
        return await self.async_step_running()

    async def async_step_running(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show how far it has come."""
        task = self._task
        assert task is not None  # noqa: S101 - it is made before this step is shown
        if not task.done():
            return self.async_show_progress(
                step_id="running", progress_action="backtest", progress_task=task
            )
        failed = task.cancelled() or task.exception() is not None
        return self.async_show_progress_done(next_step_id="failed" if failed else "result")

    async def async_step_failed(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say that it was stopped, or that another one runs."""
        return self.async_abort(reason="backtest_stopped")

    async def async_step_result(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what came of it; nothing is changed."""
        if user_input is not None or self._task is None:
            return self.async_abort(reason="backtest_done")
        entry: OptivgiConfigEntry = self.config_entry
        backtest = self._task.result()
        notes = notes_of(backtest, entry.runtime_data.texts)
        return self.async_show_form(
            step_id="result",
            data_schema=vol.Schema({}),
            description_placeholders={
                "currency": self.hass.config.currency,
                "sessions": str(backtest.stays),
                "as_it_was": _row(backtest.as_it_was),
                "at_plug_in": _row(backtest.at_plug_in),
                "planned": _row(backtest.planned),
                "foresight": _row(backtest.foresight),
                "weeks": "\n".join(_weeks(backtest)),
                "notes": "\n".join(f"- {note}" for note in notes),
            },
            last_step=True,
        )

    @callback
    def async_remove(self) -> None:
        """Stop where nobody waits any more."""
        if self._task is not None and not self._task.done():
            self._task.cancel()


def _row(bill: Bill) -> str:
    """Return the cells of a table."""
    total = bill.total
    cells = (
        f"{total.kwh:.0f}",
        f"{total.cost:.2f}",
        str(total.starts),
        f"{total.highest_kw:.1f}",
        str(total.not_ready),
    )
    return " | ".join(cells)


def _weeks(backtest: Backtest) -> list[str]:
    """Return the rows of a table of what each week costs."""
    bills = backtest.as_it_was, backtest.at_plug_in, backtest.planned, backtest.foresight
    return [
        " | ".join((f"| {week}", *(f"{bill.weeks[week].cost:.2f}" for bill in bills), ""))
        for week in backtest.as_it_was.weeks
    ]
