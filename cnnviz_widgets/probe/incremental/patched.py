"""One picture with a patch at many places: what the network makes of each, computed where the patch can reach."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..graph import Graph
from .cost import Rates
from .fold import units
from .plan import Plan, Planner
from .rules import rule_of
from .run import Still, WindowRun, run_rest, whole_maps
from .windows import Region, Span

class Net:
    def __init__(self, graph: Graph, image: int, wanted: Sequence[int]) -> None:
        self.graph, self.image, self.wanted = graph, image, set(wanted)
        needed = {s for w in wanted for s in graph.before(w)}
        self.units = units([s for s in graph.steps if s in needed], graph.takers, self.wanted)

    def start(self, x):
        import keras, tensorflow as tf
        self.still = Still(self.units, {self.image: tf.constant(x[None])})
        with keras.StatelessScope():
            self.still.hold((), ())
            self.still.hold((self.image,),())
        shapes = self.still.shapes
        moved = {self.image}
        steps = []
        for u in self.units:
            if moved & set(u.inputs):
                moved.update(u.outputs)
                steps.append((u, rule_of(u, shapes)))
        self.steps = steps
        self.planner = Planner(steps, shapes, self.image, self.wanted)
        self.sizes = {s: sh[:2] for s, sh in shapes.items()}

    def compile(self, plan):
        import keras, tensorflow as tf
        still=self.still
        with keras.StatelessScope():
            still.hold(plan.bases, plan.still)
        @tf.function(autograph=False)
        def stage_a(origins, patch, bases, st):
            with keras.StatelessScope():
                return WindowRun(plan, self.sizes, origins, bases, st).run(self.image, patch)
        @tf.function(autograph=False)
        def stage_b(origins, values, bases, st):
            with keras.StatelessScope():
                run = WindowRun(plan, self.sizes, origins, bases, st)
                known = dict(st)
                for slot in plan.pooled: known[slot]=values[slot]
                for slot in plan.frontier:
                    known[slot] = whole_maps(values[slot], run.at(plan.have[slot]), bases[slot], self.sizes[slot])
                return run_rest(plan, known, self.wanted)
        return stage_a, stage_b
