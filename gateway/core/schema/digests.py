"""Whether the installed schema files are those that the project was tested with."""

from collections.abc import Mapping
from hashlib import sha256

from gateway.core.dialects import Version


def changed(files: Mapping[tuple[Version, str], bytes], digests: str) -> tuple[str, ...]:
    """A sentence for each schema file that is not as recorded; a warning, not an error.

    digests: the text of schemas/ocpp-schemas.sha256, lines of `digest  v16/Name.json` as
    `sha256sum` writes them.
    """
    lines = (line.split() for line in digests.splitlines())
    recorded = {name: digest for digest, name in lines}
    installed = {f"{version.key}/{name}": data for (version, name), data in files.items()}
    findings = []
    for name in sorted(recorded.keys() | installed.keys()):
        if name not in installed:
            findings.append(f"the schema file {name} is not installed")
        elif name not in recorded:
            findings.append(f"the schema file {name} is new; this release was not tested with it")
        elif sha256(installed[name]).hexdigest() != recorded[name]:
            findings.append(
                f"the schema file {name} differs from the one this release was tested with"
            )
    return tuple(findings)
