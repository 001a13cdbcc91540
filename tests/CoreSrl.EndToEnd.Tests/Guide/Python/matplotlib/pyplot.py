"""Takes down what would be drawn."""

import json

calls = []


def plot(xs, ys):
    calls.append(["plot", list(xs), list(ys)])


def xlabel(text):
    calls.append(["xlabel", text])


def ylabel(text):
    calls.append(["ylabel", text])


def title(text):
    calls.append(["title", text])


def savefig(path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(calls, file)
