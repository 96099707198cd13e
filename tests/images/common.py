"""What the tests of images share: random pixels, and whether an error stands alone."""

import numpy as np


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def shown_alone(error: BaseException) -> bool:
    """Tell whether a traceback shows no other error before this one."""
    return error.__cause__ is None and (error.__suppress_context__ or error.__context__ is None)
