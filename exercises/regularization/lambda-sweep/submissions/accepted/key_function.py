import math

import torch


def choose_lambda(make_model, train, evaluate, loaders, lambdas, seed):
    def validation_loss(strength):
        torch.manual_seed(seed)
        model = make_model()
        train(model, loaders["train"], weight_decay=strength)
        loss = evaluate(model, loaders["validation"])
        return loss if math.isfinite(loss) else math.inf

    return min(lambdas, key=validation_loss)
