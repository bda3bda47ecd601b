"""What reads the sentiment: several small networks are shipped as one, and it may sum two meanings."""

import numpy as np
import torch

from feedback import bert, sentiment
from feedback.tables import SENTIMENTS
from models import export, train_sentiment


def network(seed, inputs=20, hidden=5, outputs=6):
    torch.manual_seed(seed)
    return torch.nn.Linear(inputs, hidden), torch.nn.Linear(hidden, outputs)


def test_the_mean_of_several_networks_is_shipped_as_one():
    networks = [network(seed) for seed in range(3)]
    x = torch.randn(7, 20)
    gelu = torch.nn.functional.gelu
    apart = torch.stack([last(gelu(hidden(x))) for hidden, last in networks]).mean(dim=0).detach().numpy()
    one = {name: torch.from_numpy(values) for name, values in train_sentiment.averaged(networks).items()}
    whole = gelu(x @ one["hidden.weight"].T + one["hidden.bias"]) @ one["weight"].T + one["bias"]
    assert np.allclose(whole.numpy(), apart, atol=1e-6)


def test_the_layers_are_read_as_the_networks_read_them_but_for_rounding():
    parts = train_sentiment.averaged([network(seed, inputs=64) for seed in range(3)])
    packed, scale = export.packed(parts["hidden.weight"])
    reading = bert.Sentiment(
        layers=[0, 2],
        mean=torch.full((64,), 0.5),
        deviation=torch.full((64,), 2.0),
        hidden=bert.Linear(
            torch.from_numpy(packed).t(), torch.from_numpy(scale), torch.from_numpy(parts["hidden.bias"])
        ),
        weight=torch.from_numpy(parts["weight"]),
        bias=torch.from_numpy(parts["bias"]),
    )
    means = [torch.randn(9, 32) for _ in range(3)]
    x = (torch.cat([means[0], means[2]], dim=1) - 0.5) / 2
    hidden = torch.nn.functional.gelu(x @ torch.from_numpy(parts["hidden.weight"]).T + reading.hidden.bias)
    assert np.allclose(reading(means), hidden @ reading.weight.T + reading.bias, atol=0.02)
    assert reading.width == 6


def test_probabilities_are_summed_over_the_meanings_and_add_up():
    logits = np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32) * 5
    p = sentiment.read(logits)
    assert p.shape == (50, len(SENTIMENTS))
    assert np.allclose(p.sum(axis=1), 1)
    one = np.exp(logits[0] - logits[0].max()).astype(np.float64)
    assert np.allclose(p[0], (one[:3] + one[3:]) / one.sum(), atol=1e-6)
    assert np.array_equal(p[7:8], sentiment.read(logits[7:8]))
