"""The configuration: read once at start, checked whole, frozen.

`read_config` gives a `Config` and every mistake; `Config.route` gives the settings of one station.
"""

from gateway.config.load import Checked, ConfigUnreadable, read_config
from gateway.config.model import Config
from gateway.config.route import Effective
from gateway.config.rules import address

__all__ = ["Checked", "Config", "ConfigUnreadable", "Effective", "address", "read_config"]
