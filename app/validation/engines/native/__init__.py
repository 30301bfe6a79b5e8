"""Our own evaluator of SHACL: Core by loops over an index, SHACL-SPARQL by Oxigraph."""

from app.validation.engines.native.evaluation import Evaluation, evaluate
from app.validation.engines.native.graph import Graph
from app.validation.engines.native.plan import Plan, compile_shapes

__all__ = ["Evaluation", "Graph", "Plan", "compile_shapes", "evaluate"]
