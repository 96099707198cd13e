"""Which part of the package may know which others, and which outside packages it may not."""

FRAMEWORKS = frozenset({"keras", "tensorflow"})
SCREEN = frozenset({"ipywidgets", "ipympl", "anywidget"})

# Part of the package -> the other parts it may import. A part is a folder or a file beside `__init__.py`.
# Every part may import `errors`. A part that is not listed is free, as far as the tests allow.
VALUES = frozenset(
    {
        "colours",
        "drawable",
        "explanation",
        "images",
        "objectives",
        "regions",
        "resampling",
        "settings",
        "style",
    }
)
MAY_IMPORT = {
    "errors": frozenset[str](),
    "settings": frozenset({"objectives"}),
    "resampling": frozenset[str](),
    "regions": frozenset[str](),
    "objectives": frozenset({"settings", "images", "regions"}),
    "images": frozenset({"settings"}),
    "colours": frozenset({"settings"}),
    "style": frozenset({"colours", "settings"}),
    "drawable": frozenset({"style"}),
    "explanation": frozenset({"drawable", "images", "objectives", "regions", "settings", "style"}),
    "method": VALUES | {"probe", "methods"},
    "methods": VALUES | {"method", "probe", "occlusion"},
    "lru": frozenset[str](),
    "timers": frozenset[str](),
    "probe": VALUES | {"lru"},
    "occlusion": VALUES | {"probe"},
    "trust": VALUES | {"probe", "method", "methods", "occlusion"},
    "render": VALUES | {"embeddings"},
    "embeddings": VALUES | {"probe", "method", "methods"},
    "jobs": frozenset({"explanation"}),
    "session": VALUES | {"jobs", "method", "probe"},
    "comparisons": VALUES | {"method", "methods", "probe", "session"},
    "export": VALUES | {"comparisons", "embeddings", "render", "method"},
    "launch": frozenset[str](),
    "__main__": frozenset({"launch"}),
}

# Parts -> outside packages that nothing in them may import.
MAY_NOT_IMPORT = {
    "methods": FRAMEWORKS | SCREEN | {"matplotlib"},
    "render": FRAMEWORKS | SCREEN,
    "occlusion": FRAMEWORKS | SCREEN | {"matplotlib"},
    "embeddings": FRAMEWORKS | SCREEN | {"matplotlib"},
    "session": FRAMEWORKS | SCREEN | {"matplotlib"},
    "comparisons": FRAMEWORKS | SCREEN | {"matplotlib"},
    "jobs": FRAMEWORKS | SCREEN | {"matplotlib"},
    "trust": FRAMEWORKS | SCREEN | {"matplotlib"},
    "launch": FRAMEWORKS | SCREEN | {"matplotlib", "numpy"},
}

# Rooms of `widgets/` -> their floor; each knows only those below. Every widget stands on the top floor.
FLOORS = {"canvas": 0, "core": 1, "controls": 2}
TOP = 3

# Widgets that open another one below themselves.
OPENS = {("explorer", "image_generator"), ("feature_maps", "explorer"), ("feature_maps", "image_generator")}

# Files that use private names of another package, and whose.
FOREIGN_PRIVATE = {
    "demo/torch_state.py": "torch: the name of a function in a pickle",
    "probe/keras_internals.py": "Keras: its record of a model's graph, and what a layer's call does first",
    "widgets/controls/target_picker.py": "ipywidgets: the classes of a bar",
}
