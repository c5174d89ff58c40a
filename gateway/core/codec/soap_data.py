"""The data files of the SOAP codec: service descriptions, stylesheets, differences of words."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway.core import yamltree
from gateway.core.codec.soap_service import Service
from gateway.core.codec.soap_sheets import Part
from gateway.core.codec.soap_tolerance import Differences
from gateway.core.errors import ConfigError


class SoapFiles(NamedTuple):
    """What is installed. descriptions: schemas/soap/*.wsdl; sheets: xslt/*.xsl by file name;
    differences: schemas/soap/differences.yaml; foreign: whether the sheets are an operator's."""

    descriptions: Mapping[Service, Part]
    sheets: Mapping[str, Part]
    differences: Part
    foreign: bool = False


def read_differences(part: Part) -> Differences:
    """Raises ConfigError, with file and line (the operator's fault)."""
    tree = yamltree.read(part.text.decode(), part.path)
    if not isinstance(tree, yamltree.Table):
        raise ConfigError("a mapping is wanted", tree.place)
    wrong = set(tree.nodes) ^ set(Differences._fields)
    if wrong:
        name = sorted(wrong)[0]
        raise ConfigError(f"{name}: unknown or missing", tree.places.get(name, tree.place))
    return Differences(**{name: _plain(node) for name, node in tree.nodes.items()})


def _plain(node: yamltree.Node) -> Any:
    if isinstance(node, yamltree.Table):
        return {name: _plain(inner) for name, inner in node.nodes.items()}
    if isinstance(node, yamltree.Items):
        return [_plain(inner) for inner in node.nodes]
    return node.value
