"""The role `keeper`: what repairs and prunes, in the one process that leads."""

from __future__ import annotations

from clarion.assemble.alerts import alert_targets
from clarion.assemble.core import Core
from clarion.pipeline.blasts.firing import Blasts
from clarion.pipeline.blasts.keeping import BlastKeeper
from clarion.pipeline.keepers.alerter import Alerter
from clarion.pipeline.keepers.folder import Folder
from clarion.pipeline.keepers.pruner import Pruner
from clarion.pipeline.keepers.redriver import RedriveKeeper
from clarion.pipeline.keepers.rescuer import Rescuer
from clarion.pipeline.keepers.retention import Retention
from clarion.pipeline.keepers.surveyor import Surveyor
from clarion.pipeline.leadership import Leadership


async def start_keepers(core: Core, rescuer: Rescuer, blasts: Blasts) -> None:
    """Start all keepers; each looks whether this process leads before it acts."""
    led = Leadership(core.store, core.clock, core.lease).led
    core.loop("keeper:rescuer", led(rescuer.step))
    core.loop("keeper:folder", led(Folder(core.store).step))
    retention = Retention(core.store, core.clock, core.settings.retention)
    core.loop("keeper:retention", led(retention.step))
    core.loop("keeper:surveyor", led(Surveyor(core.store).step))
    core.loop("keeper:pruner", led(Pruner(core.store, core.bus, core.clock).step))
    core.loop("keeper:redriver", led(RedriveKeeper(core.store, core.redriver, core.clock).step))
    core.loop("keeper:simulator", led(core.simulator.step))
    keeper = BlastKeeper(core.store, blasts, core.preparer, core.lease, core.clock)
    core.loop("keeper:blasts", led(keeper.step))
    core.loop("keeper:preparer", led(keeper.prepare))
    core.loop("keeper:alerter", led((await _alerter(core)).step))


async def _alerter(core: Core) -> Alerter:
    settings = core.settings
    return Alerter(
        core.store,
        core.directory,
        await alert_targets(settings, core.accounts),
        core.clock,
        core.chance,
        window_seconds=settings.alerts.window_seconds,
        min_count=settings.alerts.min_count,
        public_url=settings.public_url,
    )
