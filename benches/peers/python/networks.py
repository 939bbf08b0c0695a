"""Products of matrices and training steps of networks."""

import numpy
from registry import peer, torch_on_one_thread


@peer("product", "PyTorch mm", "torch")
def product_torch(parameters, a, b):
    torch = torch_on_one_thread()
    a = torch.from_numpy(a).view(-1, parameters["inner"])
    b = torch.from_numpy(b).view(parameters["inner"], -1)
    out = torch.empty(len(a), b.shape[1])

    def call():
        torch.mm(a, b, out=out)
        return (out,)

    return call


def step_call(torch, model, forward, x, y):
    """Adam's step on the mean squared error. Returns the loss before it."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, fused=True)

    def call():
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.mse_loss(forward(x), y)
        loss.backward()
        optimizer.step()
        return (loss.detach().reshape(1),)

    return call


def dense(torch, kernel, bias):
    layer = torch.nn.Linear(len(kernel) // len(bias), len(bias))
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(kernel).view(-1, len(bias)).T)
        layer.bias.copy_(torch.from_numpy(bias))
    return layer


def perceptron(compiled):
    def prepare(parameters, x, y, **weights):
        torch = torch_on_one_thread()
        rows, weights = parameters["rows"], list(weights.values())
        layers = [dense(torch, *weights[i : i + 2]) for i in range(0, len(weights), 2)]
        parts = [part for layer in layers for part in (layer, torch.nn.ReLU())][:-1]
        model = torch.nn.Sequential(*parts)
        forward = torch.compile(model, dynamic=False) if compiled else model
        x, y = (torch.from_numpy(array).view(rows, -1) for array in (x, y))
        return step_call(torch, model, forward, x, y)

    return prepare


peer("perceptron", "PyTorch eager", "torch")(perceptron(False))
peer("perceptron", "PyTorch compiled", "torch", slow=True)(perceptron(True))


@peer("bidirectional LSTM", "PyTorch eager", "torch")
def lstm_torch(parameters, x, y, **weights):
    torch = torch_on_one_thread()
    rows, length, units = parameters["rows"], parameters["length"], parameters["units"]
    *recurrent, kernel, bias = weights.values()
    x, y = (torch.from_numpy(array).view(rows, length, -1) for array in (x, y))
    lstm = torch.nn.LSTM(x.shape[2], units, batch_first=True, bidirectional=True)
    # Both have their gates in the order input, forget, cell, output; PyTorch has a second bias, which starts at 0.
    with torch.no_grad():
        for suffix, group in (("l0", recurrent[:3]), ("l0_reverse", recurrent[3:])):
            for name, array in zip(("weight_ih", "weight_hh"), group):
                parameter = getattr(lstm, f"{name}_{suffix}")
                parameter.copy_(torch.from_numpy(array).view(-1, 4 * units).T)
            getattr(lstm, f"bias_ih_{suffix}").copy_(torch.from_numpy(group[2]))
            getattr(lstm, f"bias_hh_{suffix}").zero_()
    output = dense(torch, kernel, bias)
    model = torch.nn.ModuleList((lstm, output))
    return step_call(torch, model, lambda x: output(lstm(x)[0]), x, y)
