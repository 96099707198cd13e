"""One compiled step up a score, for some pictures at once, and the state that it leads from and to."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import SettingError, TargetError, did_you_mean, listed
from ..run_errors import plainly
from . import parameterization, regularizers, transforms
from .affine_preprocess import Outlet
from .settings import Penalties, Shaking, Space

if TYPE_CHECKING:
    from ..engine import Engine
    from ..graphs.graph import Graph
    from ..scores import Run, Score

OPTIMISERS = ("Adam", "RMSprop", "SGD", "Adagrad", "Nadam")
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class State:
    """Where a climb stands; a value, so that one can go back to it.

    Attributes
    ----------
    numbers : numpy.ndarray
        The pictures, written down as their `Space` has it.
    helpers : tuple of numpy.ndarray
        What the optimiser remembers.
    step : int
        Steps taken so far.
    """

    numbers: np.ndarray
    helpers: tuple[np.ndarray, ...]
    step: int


class Climb:
    """Changes some pictures step by step so that the score of each rises.

    At each step each picture is moved a little (`Shaking`), the network looks, and the slope of the score by the
    pixels, brought to a root mean square of 1, is joined by what keeps the picture calm (`Penalties`): so weights and
    rates mean the same for every network and score. A Keras optimiser then changes the numbers of the pictures.

    Parameters
    ----------
    engine : Engine
        The network.
    scores : sequence of Score
        One a picture.
    space, shaking, penalties
        See there.
    outlet : Outlet
        From pictures to what the network takes.
    optimiser : str
        Name of a Keras optimiser.
    rate : float
        Its learning rate.
    apart : tuple, optional
        (layer, weight): pictures are driven apart in what the layer answers, by the cosine of its channels'
        correlations (Olah et al. 2017, diversity).
    graph : Graph, optional
        The same network with a rule at its activations, to take slopes from.
    """

    def __init__(
        self, engine: Engine, scores: Sequence[Score], space: Space, shaking: Shaking, penalties: Penalties,
        outlet: Outlet, optimiser: str = "Adam", rate: float = 0.05, apart: tuple[str, float] | None = None,
        graph: Graph | None = None,
    ) -> None:  # fmt: skip
        self.space, self.count, self.channels = space, len(scores), len(outlet.shift)
        self.engine, self._scores = engine, scores
        self._shaking, self._penalties, self._outlet, self._apart = shaking, penalties, outlet, apart
        self._optimiser, self._graph = _optimiser(optimiser, rate), graph
        self._numbers: Any = None
        self._compiled: Any = None

    @staticmethod
    def key(scores: Sequence[Score], *more: Hashable) -> Hashable:
        """Return the name of a climb's compiled step: what differs only in numbers that are fed shares it."""
        return ("climb", tuple(score.key for score in scores), *more)

    def began(self, numbers: np.ndarray) -> State:
        """Return the state at which to begin with some numbers; see `spaces.noise` and `spaces.written`."""
        self._build(numbers.shape)
        return State(numbers, tuple(np.zeros(v.shape, v.dtype) for v in self._helpers), 0)

    def advance(
        self, state: State, feeds: Sequence[tuple[Any, ...]], steps: int, seed: int, share: np.ndarray
    ) -> tuple[State, np.ndarray]:
        """Take some steps; return the new state and each picture's score at each step, float32 (steps, N).

        Parameters
        ----------
        state : State
        feeds : sequence of tuple
            The numbers that each picture's score is fed.
        steps : int
        seed : int
            How the pictures are moved at a step follows from it and the step's number.
        share : numpy.ndarray
            float32 (steps,), how much of the optimiser's change is made at each step.
        """
        import tensorflow as tf

        with self.engine.lock:
            self._build(state.numbers.shape)
            self._numbers.assign(state.numbers)
            for variable, remembered in zip(self._helpers, state.helpers, strict=True):
                variable.assign(remembered)
            self.engine.calls += steps
            with plainly(self.engine.name):
                trace = self._compiled(
                    tf.constant(state.step), tf.constant(seed), tf.constant(share, tf.float32), tuple(feeds)
                )[0].numpy()
            kept = tuple(np.array(variable.numpy()) for variable in self._helpers)
            return State(self._numbers.value.numpy(), kept, state.step + steps), trace

    def pulls(self, state: State, feeds: Sequence[tuple[Any, ...]], seed: int) -> np.ndarray:
        """Return how strongly each picture's score pulls at its pixels, (N,): 0 where it does not answer at all."""
        import tensorflow as tf

        with self.engine.lock:
            self._build(state.numbers.shape)
            self._numbers.assign(state.numbers)
            self.engine.calls += 1
            none = tf.zeros((1,), tf.float32)
            with plainly(self.engine.name):
                found = self._compiled(tf.constant(state.step), tf.constant(seed), none, tuple(feeds))[1]
            return np.asarray(found.numpy()[0])

    def pictures(self, state: State) -> np.ndarray:
        """Return the pictures of a state: float32 (N, H, W, C) from 0 to 1."""
        return np.asarray(parameterization.shown(self.space, state.numbers))

    def slopes(self, state: State, feeds: Sequence[tuple[Any, ...]]) -> tuple[np.ndarray, np.ndarray]:
        """Return each picture's score, (N,), and its slope by the picture's values, (N, H, W, C), unmoved."""
        import tensorflow as tf

        with self.engine.lock:
            value, slope = self._looked(tf.constant(self.pictures(state)), None, tuple(feeds))
            return value.numpy(), slope.numpy()

    @property
    def _helpers(self) -> list[Any]:
        return [variable for variable in self._optimiser.variables if "rate" not in variable.path]

    def _build(self, shape: tuple[int, ...]) -> None:
        import keras

        if self._numbers is None:
            self._numbers = keras.Variable(np.zeros(shape, np.float32), name="pictures")
            self._optimiser.build([self._numbers])
            self._compiled = self._compile()

    def _compile(self) -> Any:
        import tensorflow as tf

        feeds = tuple(
            tuple(tf.TensorSpec(np.shape(n), np.asarray(n).dtype) for n in score.feed)
            for score in self._scores
        )
        signature = (
            tf.TensorSpec((), tf.int32), tf.TensorSpec((), tf.int32), tf.TensorSpec((None,), tf.float32), feeds,
        )  # fmt: skip

        @tf.function(input_signature=signature, autograph=False)
        def climbed(first: Any, seed: Any, share: Any, given: Any) -> Any:
            def step(k: Any, scores: Any, pulls: Any) -> Any:
                score, pull = self._step(tf.stack([seed, first + k]), share[k], given)
                return k + 1, scores.write(k, score), pulls.write(k, pull)

            steps = tf.shape(share)[0]
            traces = [tf.TensorArray(tf.float32, steps, element_shape=(self.count,)) for _ in range(2)]
            _, scores, pulls = tf.while_loop(
                lambda k, *_: k < steps, step, (0, *traces), parallel_iterations=1
            )
            return scores.stack(), pulls.stack()

        return climbed

    def _step(self, seed: Any, share: Any, given: Any) -> tuple[Any, Any]:
        import tensorflow as tf

        before = tf.convert_to_tensor(self._numbers.value)
        pictures = parameterization.shown(self.space, before)
        value, slope = self._looked(pictures, seed, given)
        strength = tf.sqrt(tf.reduce_mean(slope**2, axis=(1, 2, 3), keepdims=True))
        uphill = tf.math.divide_no_nan(slope, tf.where(strength > TINY, strength, 0.0))
        if not self._penalties.none:  # where the score does not pull there is nothing to hold back
            uphill += tf.where(strength > TINY, regularizers.pull(self._penalties, pictures), 0.0)
        self._optimiser.apply(
            [-parameterization.slope_by_numbers(self.space, pictures, uphill)], [self._numbers]
        )
        moved = before + share * (tf.convert_to_tensor(self._numbers.value) - before)
        self._numbers.assign(parameterization.kept_inside(self.space, moved))
        return value, strength[:, 0, 0, 0]

    def _looked(self, pictures: Any, seed: Any, given: Any) -> tuple[Any, Any]:
        """Return each picture's score and its slope by the pixels."""
        import tensorflow as tf

        with self.engine.lots.held(), tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pictures)
            moved = pictures if seed is None else transforms.shaken(self._shaking, pictures, seed)
            run, _ = self.engine.run(self._outlet(moved), set(), self._graph)
            value = self._values(run, given)
            climbed = value if self._apart is None or self.count < 2 else value - self._alike(run, value)
        slope = tape.gradient(climbed, pictures)
        if slope is None:
            raise TargetError(self.engine.no_slope())
        return value, slope

    def _values(self, run: Run, given: Any) -> Any:
        """Return each picture's own score; scores of one kind differ only in what they are fed."""
        import tensorflow as tf

        each = [
            score.compute(run, feed)[k]
            for k, (score, feed) in enumerate(zip(self._scores, given, strict=True))
        ]
        return tf.cast(tf.stack(each), tf.float32)

    def _alike(self, run: Run, value: Any) -> Any:
        """Return how alike each picture is to the others in a layer, in units of its own score."""
        import tensorflow as tf

        layer, weight = self._apart or ("", 0.0)
        maps = tf.cast(run.layer(layer), tf.float32)
        flat = tf.reshape(maps, (self.count, -1, maps.shape[-1]))
        channels = tf.linalg.l2_normalize(
            tf.reshape(tf.matmul(flat, flat, transpose_a=True), (self.count, -1)), 1
        )
        cosines = tf.matmul(channels, channels, transpose_b=True)
        others = (tf.reduce_sum(cosines, axis=1) - tf.linalg.diag_part(cosines)) / (self.count - 1)
        return weight * tf.stop_gradient(tf.abs(value)) * others


def _optimiser(name: str, rate: float) -> Any:
    import keras

    if name not in OPTIMISERS:
        raise SettingError(
            f"optimiser must be one of {listed(OPTIMISERS)}; got {name!r}.{did_you_mean(name, OPTIMISERS)}"
        )
    return getattr(keras.optimizers, name)(learning_rate=rate)
