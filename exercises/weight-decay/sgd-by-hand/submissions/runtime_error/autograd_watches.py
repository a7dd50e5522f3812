# caught by: plain, shrink, towards_zero, proportional, learning_rate, one_step, twenty_steps, mixed; misconception: grad-mode
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is not None:
            p -= lr * (p.grad + weight_decay * p)
