"""Can the tests have their PostgreSQL and their Chromium? Brings both once, before a long run begins."""

import sys

from tests.rig.chromium import ChromiumUnavailableError, running_chromium
from tests.rig.postgres import PostgresUnavailableError, running_postgres

missing = []
try:
    with running_postgres():
        pass
except PostgresUnavailableError as error:
    missing.append(str(error))
try:
    with running_chromium():
        pass
except ChromiumUnavailableError as error:
    missing.append(str(error))
sys.exit("\n\n".join(missing) or None)
