"""Makes spring-layout.json: one step of NetworkX's spring_layout from given positions.

Run with: python3 spring-layout.py > spring-layout.json (made with networkx 3.6.1, numpy 2.4.6).
"""

import json

import networkx as nx
import numpy as np

generator = np.random.default_rng(7)
cases = []
for vertices in (3, 8, 10):
    positions = generator.standard_normal((vertices, 2))
    # A random recursive tree: each vertex joins an earlier one.
    edges = [[int(generator.integers(v)), v] for v in range(1, vertices)]
    graph = nx.Graph()
    graph.add_nodes_from(range(vertices))
    graph.add_edges_from(edges)
    step = nx.spring_layout(
        graph, pos=dict(enumerate(positions)), iterations=1, threshold=1e-10, center=np.zeros(2)
    )
    cases.append(
        {
            "edges": edges,
            "before": positions.tolist(),
            "after": [step[v].tolist() for v in range(vertices)],
        }
    )
print(json.dumps(cases, indent=1))
