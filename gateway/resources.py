"""Finds the data folders, beside the package in a checkout or inside it in a wheel, and reads them.

mappings/, xslt/ and schemas/ are top-level folders of the project; a wheel carries them in
`gateway/_data` (pyproject.toml, force-include). The JSON schemas of OCPP come from the `ocpp`
package.
"""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gateway.core.dialects import Version
from gateway.core.errors import ConfigError

_PACKAGE = Path(__file__).parent
_SCHEMAS_PACKAGE = "ocpp"


def folder(name: str, package: Path = _PACKAGE) -> Path:
    """The data folder of that name. package: the `gateway` package's own folder.

    Raises ConfigError if the installation has none.
    """
    places = (package / "_data" / name, package.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise ConfigError(
        f"the folder {name}/ is neither at {places[0]} nor at {places[1]}",
        cure="install the package anew, or run from a complete checkout",
    )


def schema_files() -> dict[tuple[Version, str], bytes]:
    """The JSON schema files of every version, by version and file name.

    Raises ConfigError if the package that holds them is missing.
    """
    spec = find_spec(_SCHEMAS_PACKAGE)
    if spec is None or spec.origin is None:
        raise ConfigError(
            f"the package {_SCHEMAS_PACKAGE}, which holds the OCPP schemas, is not installed",
            cure=f"pip install {_SCHEMAS_PACKAGE}",
        )
    root = Path(spec.origin).parent
    return {
        (version, file.name): file.read_bytes()
        for version in Version
        for file in sorted((root / version.key / "schemas").glob("*.json"))
    }


def catalogue_text() -> str:
    """schemas/catalogue.yaml: actions, their senders, their schema files."""
    return (folder("schemas") / "catalogue.yaml").read_text("utf-8")


def schema_digests_text() -> str:
    """schemas/ocpp-schemas.sha256: the schema files that the project was tested with."""
    return (folder("schemas") / "ocpp-schemas.sha256").read_text("utf-8")


def own_schema(name: str) -> dict[str, Any]:
    """schemas/NAME.schema.json: the JSON Schema of files that people write."""
    text = (folder("schemas") / f"{name}.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def mapping_files(directory: Path | None = None) -> dict[str, str]:
    """Every YAML file below mappings/, or below an operator's directory: relative path -> text.

    Raises ConfigError if the directory does not exist or a file in it is not UTF-8 text.
    """
    root = directory or folder("mappings")
    if not root.is_dir():
        raise ConfigError(f"{root} is not a directory", cure="create it or correct the path")
    return {
        file.relative_to(root).as_posix(): _text(file)
        for file in sorted(root.rglob("*.yaml"))
        if file.is_file()
    }


def overlay_text(file: Path) -> str:
    """An operator's overlay file. Raises ConfigError if it cannot be read."""
    return _text(file)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {why(error)}") from error


def why(error: OSError | UnicodeDecodeError) -> str:
    """What kept a file from being read, without the file's name."""
    return getattr(error, "strerror", None) or str(error)
