"""What needs every training row at once, and so cannot be asked of rows that stay in a file."""

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.errors import ModelError


def require_no_full_batch(config: Config, splits: Splits) -> None:
    """Refuse proximal training of scanned rows: its last steps go over all of them at a time.

    Raises:
        ModelError: it is asked for.
    """
    if splits.is_scanned and config.regularization.method == "proximal":
        raise ModelError(
            ("regularization", "method"),
            "must be penalty for rows that do not fit into memory, got 'proximal'; use more memory "
            "or fewer rows",
        )


def require_numbers_for_l1(splits: Splits) -> None:
    """Refuse a grid that begins at the largest useful strength, which all rows decide.

    Raises:
        ModelError: rows are scanned.
    """
    if splits.is_scanned:
        raise ModelError(
            ("regularization",),
            "auto requires rows that fit into memory, these do not; give numbers for l1",
        )
