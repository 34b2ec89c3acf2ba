"""Parts of a configuration file as frozen dataclasses."""

from __future__ import annotations

from dataclasses import fields
from typing import ClassVar, Self


class Options:
    """Base of a dataclass that `from_dict` fills from a part of a configuration file or checkpoint.

    `part`, given with the base class and inherited, is what the file calls it, such as `training`.
    """

    _part: ClassVar[str]

    def __init_subclass__(cls, part: str | None = None) -> None:
        super().__init_subclass__()
        if part:
            cls._part = part

    @classmethod
    def from_dict(cls, values: dict) -> Self:
        """Reads the part; lists become tuples, what is not named keeps its default.

        Raises:
            ValueError: there are unknown names.
        """
        known = {f.name for f in fields(cls)}
        if unknown := set(values) - known:
            raise ValueError(f"Expected options of `{cls._part}` out of {sorted(known)}, found {sorted(unknown)}.")
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
