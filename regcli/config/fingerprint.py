"""Content hashes: the same content has the same name on every machine."""

import hashlib
import json
from typing import Any

from regcli.config.schema import Config

ID_DIGITS = 12


def content_hash(content: Any) -> str:
    """The first 12 hex digits of the SHA-256 of plain data as canonical JSON (sorted keys)."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:ID_DIGITS]


def run_id(config: Config, data_fingerprint: str, schema_version: int) -> str:
    """The id of the run that a member's config makes on some data.

    Left out is what does not change the numbers: the config's name, its sweep, and where the data
    came from (the data's own fingerprint stands for that).
    """
    content = config.resolved()
    del content["name"], content["sweep"]
    for key in ("name", "file", "target"):
        content["dataset"].pop(key, None)
    return content_hash([schema_version, data_fingerprint, content])
