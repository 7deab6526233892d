"""The metric half of LogQL: nodes whose values(store, times) is {labels: {time: number}}.
Times are in seconds; labels are sorted tuples of (name, value)."""

import bisect
import math

from logql_pipeline import COMPARE, to_number

AGGREGATIONS = ("sum", "avg", "min", "max", "count", "topk", "bottomk", "stddev")


class RangeFunction:
    def __init__(self, compute, unwraps=False):
        self.compute, self.unwraps = compute, unwraps


def _quantile(values, _, q):
    ordered = sorted(values)
    rank = q * (len(ordered) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


# compute(samples in the window, seconds of the window, quantile); a sample is its size in bytes, or its unwrapped value.
RANGE_FUNCTIONS = {
    "count_over_time": RangeFunction(lambda v, s, q: len(v)),
    "rate": RangeFunction(lambda v, s, q: len(v) / s),
    "bytes_over_time": RangeFunction(lambda v, s, q: sum(v)),
    "bytes_rate": RangeFunction(lambda v, s, q: sum(v) / s),
    "absent_over_time": RangeFunction(lambda v, s, q: 1),
    "sum_over_time": RangeFunction(lambda v, s, q: sum(v), True),
    "avg_over_time": RangeFunction(lambda v, s, q: sum(v) / len(v), True),
    "min_over_time": RangeFunction(lambda v, s, q: min(v), True),
    "max_over_time": RangeFunction(lambda v, s, q: max(v), True),
    "quantile_over_time": RangeFunction(_quantile, True),
}


class Number:
    def __init__(self, value):
        self.value = value

    def values(self, store, times):
        return {(): {time: self.value for time in times}}


class RangeAggregation:
    def __init__(self, name, pipeline, seconds, offset, quantile, grouping):
        self.name, self.pipeline, self.seconds, self.offset, self.quantile, self.grouping = name, pipeline, seconds, offset, quantile, grouping

    def values(self, store, times):
        function = RANGE_FUNCTIONS[self.name]
        first, last = min(times) - self.offset - self.seconds, max(times) - self.offset
        series = {}
        for at, line, labels in self.pipeline.lines(store, int(first * 1e9) + 1, int(last * 1e9) + 1):
            sample = len(line.encode())
            if self.pipeline.unwrap:
                sample = to_number(labels.pop(self.pipeline.unwrap, None))
            if sample is not None:
                series.setdefault(group(labels, self.grouping), []).append((at / 1e9, sample))
        result = {}
        for labels, samples in series.items():
            samples.sort(key=lambda s: s[0])
            points = {}
            for time in times:
                low = bisect.bisect_right(samples, time - self.offset - self.seconds, key=lambda s: s[0])
                high = bisect.bisect_right(samples, time - self.offset, key=lambda s: s[0])
                if low < high:
                    points[time] = function.compute([s[1] for s in samples[low:high]], self.seconds, self.quantile)
            if points:
                result[labels] = points
        if self.name == "absent_over_time":
            present = {time for points in result.values() for time in points}
            return {(): {time: 1 for time in times if time not in present}}
        return result


def group(labels, grouping):
    """The labels that a grouping leaves, as a key. No grouping leaves all."""
    if grouping is None:
        return tuple(sorted(labels.items()))
    word, names = grouping
    return tuple(sorted((k, v) for k, v in labels.items() if (k in names) == (word == "by")))


class Aggregation:
    def __init__(self, name, inner, grouping, parameter):
        self.name, self.inner, self.grouping, self.parameter = name, inner, grouping or ("by", []), parameter

    def values(self, store, times):
        groups = {}
        inner = self.inner.values(store, times)
        for labels, points in inner.items():
            for time, value in points.items():
                groups.setdefault(group(dict(labels), self.grouping), {}).setdefault(time, []).append((value, labels))
        if self.name in ("topk", "bottomk"):
            return self.choose(groups)
        return {labels: {time: self.reduce([v for v, _ in found]) for time, found in points.items()} for labels, points in groups.items()}

    def choose(self, groups):
        result = {}
        for points in groups.values():
            for time, found in points.items():
                for value, labels in sorted(found, key=lambda f: f[0], reverse=self.name == "topk")[: self.parameter]:
                    result.setdefault(labels, {})[time] = value
        return result

    def reduce(self, values):
        if self.name == "avg":
            return sum(values) / len(values)
        if self.name == "stddev":
            mean = sum(values) / len(values)
            return math.sqrt(sum((v - mean) ** 2 for v in values) / len(values))
        return {"sum": sum, "min": min, "max": max, "count": len}[self.name](values)


class Arithmetic:
    """Both sides matched on equal labels, or one side a number. A comparison filters."""

    def __init__(self, operator, left, right):
        self.operator, self.left, self.right = operator, left, right

    def values(self, store, times):
        left, right = self.left.values(store, times), self.right.values(store, times)
        result = {}
        for labels in right if isinstance(self.left, Number) else left:
            a = left.get(() if isinstance(self.left, Number) else labels, {})
            b = right.get(() if isinstance(self.right, Number) else labels, {})
            points = {time: value for time in times if time in a and time in b and (value := self.apply(a[time], b[time])) is not None}
            if points:
                result[labels] = points
        return result

    def apply(self, a, b):
        if self.operator in COMPARE:
            return (b if isinstance(self.left, Number) else a) if COMPARE[self.operator](a, b) else None
        if self.operator in "/%" and b == 0:
            return math.nan
        return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b, "%": lambda: math.fmod(a, b)}[self.operator]()
