"""Reads and compiles what the SOAP codec needs: service descriptions, stylesheets, overlays."""

from collections.abc import Mapping
from pathlib import Path

from gateway.config.model import Config
from gateway.core.codec.soap import Soap
from gateway.core.codec.soap_data import SoapFiles
from gateway.core.codec.soap_parse import XmlLimits
from gateway.core.codec.soap_service import Service
from gateway.core.codec.soap_sheets import Part, SheetProblems
from gateway.core.errors import ConfigError, OperatorError, said_by
from gateway.resources import folder

_SCHEMAS, _SHEETS, _DIFFERENCES = "schemas", "xslt", "differences.yaml"
_RESOURCES = ("resources",)
_LIMITS = XmlLimits()
_OUTPUT_BYTES = 1 << 20


def load_soap(
    sheets: Path | None = None,
    schemas: Path | None = None,
    overlays: tuple[Path, ...] = (),
    parameters: Mapping[str, str] | None = None,
    limits: XmlLimits = _LIMITS,
    most_output: int = _OUTPUT_BYTES,
) -> Soap:
    """The codec, ready for use.

    sheets, schemas: directories in place of the installed ones; overlays: directories with
    stylesheets that change single templates, later ones win; parameters: of the stylesheets.
    Raises OperatorError, for stylesheets SheetProblems with all that is wrong.
    """
    described = (schemas or folder(_SCHEMAS)) / "soap"
    with said_by(*_RESOURCES, "schemas"):
        services = {service: _part(described / f"{service.stem}.wsdl") for service in Service}
        differences = _part(described / _DIFFERENCES)
    with said_by(*_RESOURCES, "xslt"):
        files = SoapFiles(
            services, _sheets(sheets or folder(_SHEETS)), differences, sheets is not None
        )
    added = []
    for number, directory in enumerate(overlays):
        with said_by(*_RESOURCES, "xslt_overlays", number):
            added.append(_sheets(directory))
    return Soap.load(files, tuple(added), parameters, limits, most_output)


def configured_soap(config: Config) -> Soap:
    """The codec as a configuration has it. Raises OperatorError."""
    limits, resources = config.limits, config.resources
    return load_soap(
        Path(resources.xslt) if resources.xslt else None,
        Path(resources.schemas) if resources.schemas else None,
        tuple(Path(directory) for directory in resources.xslt_overlays),
        resources.xslt_parameters,
        XmlLimits(limits.max_soap_bytes, limits.xml_depth, limits.xml_elements),
        limits.xslt_output_bytes,
    )


def soap_problems(
    sheets: Path | None = None,
    schemas: Path | None = None,
    overlays: tuple[Path, ...] = (),
    parameters: Mapping[str, str] | None = None,
) -> tuple[OperatorError, ...]:
    """Everything that is wrong with stylesheets, overlays and descriptions: for `check`."""
    try:
        load_soap(sheets, schemas, overlays, parameters)
    except SheetProblems as found:
        return found.problems
    except OperatorError as error:
        return (error,)
    return ()


def _sheets(directory: Path) -> dict[str, Part]:
    if not directory.is_dir():
        raise ConfigError(f"{directory} is not a directory", cure="create it or correct the path")
    found = {file.name: _part(file) for file in sorted(directory.glob("*.xsl"))}
    if not found:
        raise ConfigError(f"{directory} holds no stylesheet", cure="their names end in .xsl")
    return found


def _part(file: Path) -> Part:
    try:
        return Part(file.name, str(file), file.read_bytes())
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
