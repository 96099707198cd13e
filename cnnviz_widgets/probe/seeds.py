"""What a network draws by lot when it predicts: where it does, and how it draws the same in every run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .graphs.graph import Graph, Step
from .keras_internals import general_seeds

_STATE = "seed_generator_state"
_DRAWING = ("Random", "Multinomial", "TruncatedNormal", "StandardNormal", "PyFunc")
_KNOWN = ("keras.", "keras_hub.", "cnnviz_widgets.probe.channel_axis")
_OPEN = ("Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")


class Lots:
    """The seeds of a network's draws, held: each run begins with the same ones and leaves none behind.

    Keras' generators of seeds, those of layers and the one behind ``keras.random`` without a seed, are given states of
    our own while the network runs. What draws by TensorFlow's own state cannot be held.

    Parameters
    ----------
    graph : Graph
        The network.

    Attributes
    ----------
    suspects : tuple of Step
        Steps that are no operations of Keras known to draw nothing when predicting.
    """

    def __init__(self, graph: Graph) -> None:
        self.suspects = tuple(step for step in graph.steps if _may_draw(step))
        self._graph = graph
        self._states: list[Any] = []
        self._own: Any = None
        self._chosen: Any = None
        if self.suspects:
            self._begin()

    def _begin(self) -> None:
        import keras
        import tensorflow as tf

        self._own = keras.random.SeedGenerator(seed=1)
        held = {
            id(variable): variable
            for step in self.suspects
            for variable in getattr(step.op, "variables", ())
            if _STATE in str(variable.path)
        }
        self._states = [self._own.state, *held.values()]
        self._chosen = tf.Variable(0, dtype=tf.int64, trainable=False)

    def choose(self, number: int) -> None:
        """Let all further runs begin with other seeds; 0 are those to begin with."""
        if self._chosen is not None:
            self._chosen.assign(number)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Run the network in a scope that drops what layers would write to their state, with all seeds held."""
        import keras
        import tensorflow as tf

        if not self.suspects:
            with keras.StatelessScope():
                yield
            return
        start = tf.convert_to_tensor(self._chosen)
        seeds = [
            (state, tf.cast(tf.stack([1 + place + 1000 * start, tf.zeros_like(start)]), state.dtype))
            for place, state in enumerate(self._states)
        ]
        with keras.StatelessScope(seeds), general_seeds(self._own):
            yield

    def drawing(self) -> tuple[str, ...]:
        """Return the names of the steps that hold an operation that draws, or may."""
        return tuple(step.name for step in self.suspects if _draws(step, self._graph))


def _may_draw(step: Step) -> bool:
    """Return False for Keras' own operations, which draw nothing when predicting, around whatever is Keras' own."""
    op = step.op
    if step.training is not False or not _is_of_keras(op) or type(op).__name__ in _OPEN:
        return True
    held = [getattr(op, name, None) for name in ("activation", "layer", "cell", "function", "forward_layer")]
    return any(callable(part) and not _is_of_keras(part) for part in held)


def _is_of_keras(part: Any) -> bool:
    home = getattr(part, "__module__", None) or type(part).__module__
    return str(home).startswith(_KNOWN)


def _draws(step: Step, graph: Graph) -> bool:
    """Return True if a step traced alone holds an operation that draws, or if it cannot be traced alone."""
    import keras
    import tensorflow as tf

    try:
        specs = [_spec(step, tensor, slot, graph) for tensor, slot in step.bind]

        def run(*given: Any) -> Any:
            with keras.StatelessScope():
                return step.call(dict(zip(step.inputs, given, strict=True)))

        written = tf.function(run, autograph=False).get_concrete_function(*specs).graph.as_graph_def()
    except Exception:  # then a run has to tell
        return True
    nodes = [*written.node, *(node for f in written.library.function for node in f.node_def)]
    return any(word in node.op for node in nodes for word in _DRAWING)


def _spec(step: Step, tensor: int, slot: int, graph: Graph) -> Any:
    """Return the shape and type of what a step takes, any number of pictures."""
    import tensorflow as tf

    known = {id(one): one for one in getattr(step.arguments, "keras_tensors", ())}
    if tensor in known:
        return tf.TensorSpec((None, *known[tensor].shape[1:]), str(known[tensor].dtype))
    name = next(name for name, made in graph.inputs.items() if made == slot)
    return tf.TensorSpec((None, *graph.input_shapes[name]), graph.input_types[name])
