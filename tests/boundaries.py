"""Which part of the package may know which others, and which outside packages it may not."""

FRAMEWORKS = frozenset({"keras", "tensorflow"})
SCREEN = frozenset({"ipywidgets", "ipympl", "anywidget"})

# Part of the package -> the other parts it may import. A part is a folder or a file beside `__init__.py`.
# Every part may import `errors`. A part that is not listed is free, as far as the tests allow.
VALUES = frozenset(
    {"explanation", "image", "marks", "objective", "settings", "pixels", "picture_files", "resample"}
)
MAY_IMPORT = {
    "errors": frozenset[str](),
    "missing": frozenset[str](),
    "settings": frozenset({"objective"}),
    "resample": frozenset[str](),
    "objective": frozenset({"settings", "image"}),
    "marks": frozenset({"objective"}),
    "image": frozenset({"pixels", "picture_files", "settings"}),
    "explanation": frozenset({"image", "marks", "settings", "pixels", "objective"}),
    "ascent": VALUES | {"probe", "method"},
    "method": VALUES | {"probe", "methods"},
    "methods": VALUES | {"method", "probe", "ascent", "coverage", "fill", "sweeps"},
    "coverage": frozenset({"image", "settings"}),
    "fill": frozenset({"image", "settings", "pixels"}),
    "probe": VALUES | {"intake", "missing"},
    "sweeps": VALUES | {"probe", "coverage", "fill"},
    "trust": VALUES | {"intake", "probe", "method", "methods", "fill"},
    "render": VALUES | {"decomposition", "likeness"},
    "decomposition": frozenset[str](),
    "likeness": VALUES | {"decomposition"},
    "codes": VALUES | {"intake", "decomposition", "likeness", "probe", "method", "methods"},
    "jobs": frozenset({"explanation"}),
    "session": VALUES | {"jobs", "method", "probe"},
    "intake": frozenset({"image", "picture_files", "pixels"}),
    "compared": frozenset({"image", "explanation"}),
    "plan": VALUES | {"compared", "intake", "method", "methods", "probe"},
    "comparing": VALUES | {"compared", "plan", "probe", "session"},
    "export": VALUES | {"compared", "decomposition", "likeness", "render", "method", "missing"},
    "launch": frozenset[str](),
    "__main__": frozenset({"launch"}),
}

# Parts -> outside packages that nothing in them may import.
MAY_NOT_IMPORT = {
    "methods": FRAMEWORKS | SCREEN | {"matplotlib"},
    "render": FRAMEWORKS | SCREEN,
    "sweeps": FRAMEWORKS | SCREEN | {"matplotlib"},
    "codes": FRAMEWORKS | SCREEN | {"matplotlib"},
    "session": FRAMEWORKS | SCREEN | {"matplotlib"},
    "plan": FRAMEWORKS | SCREEN | {"matplotlib"},
    "comparing": FRAMEWORKS | SCREEN | {"matplotlib"},
    "jobs": FRAMEWORKS | SCREEN | {"matplotlib"},
    "trust": FRAMEWORKS | SCREEN | {"matplotlib"},
    "launch": FRAMEWORKS | SCREEN | {"matplotlib", "numpy"},
}

# `explanation.picture()` and `.save()` are names that users type: these files draw, and only when asked.
LATE = {
    ("explanation", "render"),
    ("explanation", "export"),
    ("compared", "export"),
    ("likeness", "render"),
    ("likeness", "export"),
}
