"""A setting, declared once: its range, unit and help are what is checked, drawn as a control and documented."""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal, Self

from .errors import SettingError, did_you_mean, listed

Kind = Literal["whole", "number", "choice", "flag", "layer", "target", "text"]


@dataclass(frozen=True)
class Spec:
    """What is known of one setting.

    Parameters
    ----------
    kind : str
        ``whole``, ``number``, ``choice``, ``flag``, ``layer``, ``target`` or ``text``.
    help : str
        One line: what moving it does to the picture.
    label : str
        Its name on the screen; the field's name, capitalised, if empty.
    low, high, step : float, optional
        Range (both ends allowed) and step of the control. The range is what is accepted.
    control_high : float, optional
        Right end of the slider where values above it make sense but are rare.
    unit : str
        ``px``, ``%`` of something, or empty.
    choices : tuple of str
        The allowed words of a ``choice``.
    automatic : bool
        True if ``None`` is allowed and means "chosen from the image and model".
    advanced : bool
        True if the control belongs under "More".
    pattern : str
        For a choice that takes more than its words: a sentence saying what else is allowed.
    kinds : tuple of type
        For a choice that takes values of other kinds, such as a picture, as they are.
    """

    kind: Kind
    help: str
    label: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None
    control_high: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    automatic: bool = False
    advanced: bool = False
    pattern: str = ""
    kinds: tuple[type, ...] = ()

    def check(self, owner: str, name: str, value: Any) -> Any:
        """Return `value` in its proper type, or raise `SettingError` naming the setting and what is allowed."""
        where = f"{owner}.{name}"
        if value is None and self.automatic:
            return None
        if self.kind in ("whole", "number"):
            return self._check_number(where, value)
        if self.kind == "flag":
            if not isinstance(value, bool | numbers.Integral) or value not in (0, 1):
                raise SettingError(f"{where} must be True or False; got {value!r}.")
            return bool(value)
        if self.kind == "choice":
            return self._check_choice(where, value)
        if self.kind in ("layer", "text") and not isinstance(value, str):
            raise SettingError(f"{where} must be a name in quotes; got {value!r}.")
        return value

    def _check_number(self, where: str, value: Any) -> int | float:
        real = isinstance(value, numbers.Real) and not isinstance(value, bool)
        found = float(value) if real else math.nan
        if not math.isfinite(found) or (self.kind == "whole" and found != int(found)):
            raise SettingError(f"{where} must be {self.allowed()}; got {value!r}.")
        if (self.low is not None and found < self.low) or (self.high is not None and found > self.high):
            raise SettingError(f"{where} must be {self.allowed()}; got {found:g}.")
        return int(found) if self.kind == "whole" else found

    def _check_choice(self, where: str, value: Any) -> Any:
        word = value if isinstance(value, str) else None
        colour = bool(self.pattern) and word is not None and word.startswith("#")
        if word in self.choices or colour or isinstance(value, self.kinds):
            return value
        more = f" or {self.pattern}" if self.pattern else ""
        hint = did_you_mean(value, self.choices)
        raise SettingError(f"{where} must be one of {listed(self.choices, 12)}{more}; got {value!r}.{hint}")

    def allowed(self) -> str:
        """Say in words which values are accepted, e.g. ``a whole number of px, at least 1``."""
        what = "a whole number" if self.kind == "whole" else "a number"
        what += f" of {self.unit}" if self.unit else ""
        if self.low is not None and self.high is not None:
            return f"{what} from {self.low:g} to {self.high:g}"
        if self.low is not None:
            return f"{what}, at least {self.low:g}"
        return what


def _field(default: Any, spec: Spec) -> Any:
    return dataclasses.field(default=default, metadata={"setting": spec})


def whole(default: int | None, *, help: str, **more: Any) -> Any:
    """Declare a whole-number setting; `None` as default means that it is chosen from the image."""
    return _field(default, Spec("whole", help, automatic=default is None, **{"step": 1, **more}))


def number(default: float | None, *, help: str, **more: Any) -> Any:
    """Declare a real-number setting."""
    return _field(default, Spec("number", help, automatic=default is None, **more))


def choice(default: str | None, choices: tuple[str, ...], *, help: str, **more: Any) -> Any:
    """Declare a setting that takes one of some words; `None` as default means that it is chosen from the model."""
    return _field(default, Spec("choice", help, choices=choices, automatic=default is None, **more))


def flag(default: bool | None, *, help: str, **more: Any) -> Any:
    """Declare a setting that is on or off; `None` as default means that it is chosen from the model."""
    return _field(default, Spec("flag", help, automatic=default is None, **more))


def layer_name(*, help: str, **more: Any) -> Any:
    """Declare the layer setting of a method; empty means that the method chooses."""
    return _field(None, Spec("layer", help, automatic=True, **more))


def objective(*, help: str, **more: Any) -> Any:
    """Declare the target setting of a method; empty means the model's natural target."""
    return _field(None, Spec("target", help, automatic=True, **more))


@dataclass(frozen=True)
class Settings:
    """A frozen bundle of declared settings; every value is checked when it is made.

    Raises
    ------
    SettingError
        If a value is not one that its declaration allows.
    """

    def __new__(cls, *values: Any, **settings: Any) -> Self:
        """Refuse names of settings that there are not."""
        cls._check_names(settings, [f.name for f in dataclasses.fields(cls) if f.init])
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for name, spec in self.specs().items():
            checked = spec.check(type(self).__name__, name, getattr(self, name))
            object.__setattr__(self, name, checked)

    @classmethod
    def specs(cls) -> dict[str, Spec]:
        """Return the declarations, by field name, in the order of the class."""
        fields = dataclasses.fields(cls)
        return {f.name: f.metadata["setting"] for f in fields if "setting" in f.metadata}

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some settings changed; unknown names raise `SettingError`."""
        self._check_names(changes, self.specs())
        return dataclasses.replace(self, **changes)

    @classmethod
    def _check_names(cls, given: Iterable[str], known: Collection[str]) -> None:
        for name in given:
            if name not in known:
                hint = did_you_mean(name, known)
                raise SettingError(
                    f"{cls.__name__} has no setting {name!r}. It has: {listed(known, 12)}.{hint}"
                )
