"""LogQL, as much of it as dashboards, alerts and checks of a monitoring stack use: parsed to small
nodes that evaluate themselves. What is not known here is a parse error, as in Loki."""

import re

from logql_pipeline import Pipeline, label_filter_stage, matcher, parser_stage, line_filter_stage
from logql_values import Number, Arithmetic, Aggregation, RangeAggregation, RANGE_FUNCTIONS, AGGREGATIONS
from service import duration

TOKEN = re.compile(
    r"""\s*(?:(?P<comment>\#[^\n]*)|(?P<string>"(?:[^"\\]|\\.)*"|`[^`]*`)|(?P<range>\[[^\]]*\])
    |(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?(?:ns|us|µs|ms|[smhdwy]|[kKMGT]?i?B)?(?:\d+[smhd])*)|(?P<name>[A-Za-z_][A-Za-z0-9_:]*)
    |(?P<op>\|=|\|~|!=|!~|=~|==|>=|<=|[=<>|{}(),+\-*/%^]))""",
    re.X,
)
COMPARISONS = ("==", "!=", ">", ">=", "<", "<=")


class ParseError(Exception):
    """A query that Loki answers with 400."""


class Token:
    def __init__(self, kind, text, column):
        self.kind, self.text, self.column = kind, text, column


def tokens(query):
    found, at = [], 0
    while query[at:].strip():
        match = TOKEN.match(query, at)
        if not match:
            raise ParseError(f"parse error at line 1, col {at + 1}: syntax error: unexpected character")
        if match.lastgroup != "comment":
            found.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1))
        at = match.end()
    found.append(Token("end", "$end", len(query) + 1))
    return found


def unquote(text):
    if text.startswith("`"):
        return text[1:-1]
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t", "r": "\r"}.get(m[1], m[1]), text[1:-1])


class Parser:
    """Recursive descent over the tokens of one query."""

    def __init__(self, query):
        self.tokens, self.at = tokens(query), 0

    @property
    def now(self):
        return self.tokens[self.at]

    def fail(self, expected=None):
        token = self.now
        what = {"string": "STRING", "number": "NUMBER", "name": "IDENTIFIER", "range": "RANGE"}.get(token.kind, token.text)
        hint = f", expecting {expected}" if expected else ""
        raise ParseError(f"parse error at line 1, col {token.column}: syntax error: unexpected {what}{hint}")

    def take(self, *texts, kind=None):
        """The next token if it is one of these, else None."""
        token = self.now
        if token.kind == "string" if kind == "string" else (kind == token.kind if kind else token.kind != "string" and token.text in texts):
            self.at += 1
            return token
        return None

    def expect(self, *texts, kind=None):
        return self.take(*texts, kind=kind) or self.fail(kind or " or ".join(texts))

    def parse(self):
        result = self.comparison()
        if self.now.kind != "end":
            self.fail()
        return result

    def comparison(self):
        left = self.sum()
        while operator := self.take(*COMPARISONS):
            self.take("bool")
            left = self.arithmetic(operator.text, left, self.sum())
        return left

    def sum(self):
        left = self.product()
        while operator := self.take("+", "-"):
            left = self.arithmetic(operator.text, left, self.product())
        return left

    def product(self):
        left = self.primary()
        while operator := self.take("*", "/", "%"):
            left = self.arithmetic(operator.text, left, self.primary())
        return left

    def arithmetic(self, operator, left, right):
        for side in (left, right):
            if isinstance(side, Pipeline):
                raise ParseError("parse error : unexpected type for left leg of binary operation: log selector")
        return Arithmetic(operator, left, right)

    def primary(self):
        token = self.now
        if token.text == "{" and token.kind == "op":
            return self.selector()
        if self.take("("):
            inner = self.comparison()
            self.expect(")")
            return inner
        if self.take("-"):
            return Arithmetic("*", Number(-1), self.primary())
        if token.kind == "number":
            self.at += 1
            return Number(float(token.text)) if re.fullmatch(r"[\d.e+-]+", token.text) else self.fail()
        if token.kind == "name" and token.text == "vector":
            self.at += 1
            self.expect("(")
            value = Number(float(self.expect(kind="number").text))
            self.expect(")")
            return value
        if token.kind == "name" and token.text in AGGREGATIONS:
            return self.aggregation()
        if token.kind == "name" and token.text in RANGE_FUNCTIONS:
            return self.range_function()
        return self.fail()

    def aggregation(self):
        name = self.expect(kind="name").text
        grouping = self.grouping()
        self.expect("(")
        parameter = None
        if name in ("topk", "bottomk"):
            parameter = int(float(self.expect(kind="number").text))
            self.expect(",")
        inner = self.comparison()
        self.expect(")")
        if isinstance(inner, Pipeline):
            raise ParseError("parse error : unexpected type for aggregation: log selector")
        return Aggregation(name, inner, grouping or self.grouping(), parameter)

    def grouping(self):
        word = self.take("by", "without")
        if not word:
            return None
        self.expect("(")
        labels = []
        while name := self.take(kind="name"):
            labels.append(name.text)
            self.take(",")
        self.expect(")")
        return word.text, labels

    def range_function(self):
        name = self.expect(kind="name").text
        self.expect("(")
        quantile = None
        if name == "quantile_over_time":
            quantile = float(self.expect(kind="number").text)
            self.expect(",")
        pipeline = self.selector()
        seconds = pipeline.range
        if seconds is None:
            self.fail("RANGE")
        offset = duration(self.expect(kind="number").text) if self.take("offset") else 0
        self.expect(")")
        if RANGE_FUNCTIONS[name].unwraps and not pipeline.unwrap:
            raise ParseError(f"parse error : invalid aggregation {name} without unwrap")
        return RangeAggregation(name, pipeline, seconds, offset, quantile, self.grouping())

    def selector(self):
        pipeline = Pipeline(self.matchers())
        while True:
            token = self.now
            if token.kind == "range":
                self.at += 1
                try:
                    pipeline.range = duration(token.text[1:-1].strip())
                except ValueError as error:
                    raise ParseError(f"parse error at line 1, col {token.column}: {error}") from None
            elif token.kind == "op" and token.text in ("|=", "|~", "!=", "!~") and self.tokens[self.at + 1].kind == "string":
                self.at += 1
                texts = [unquote(self.expect(kind="string").text)]
                while self.take("or"):
                    texts.append(unquote(self.expect(kind="string").text))
                pipeline.stages.append(self.compiled(line_filter_stage, token.text, texts))
            elif self.take("|"):
                self.stage(pipeline)
            else:
                return pipeline

    def matchers(self):
        self.expect("{")
        found, selective = [], False
        while not self.take("}"):
            name = self.expect(kind="name").text
            operator = self.expect("=", "!=", "=~", "!~").text
            value = unquote(self.expect(kind="string").text)
            found.append(self.compiled(matcher, name, operator, value))
            selective = selective or (operator == "=" and value != "") or (operator == "=~" and not re.fullmatch(value, ""))
            if not self.take(",") and self.now.text != "}":
                self.fail("} or ,")
        if not selective:
            raise ParseError(
                "parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible value. "
                'For instance, app=~".*" does not meet this requirement, but app=~".+" will'
            )
        return found

    def compiled(self, function, *arguments):
        """A regular expression of the query that does not compile is the query's fault."""
        try:
            return function(*arguments)
        except re.error as error:
            raise ParseError(f"parse error : error parsing regexp: {error}") from None

    def stage(self, pipeline):
        word = self.expect("(", kind=None) if self.now.text == "(" else self.expect(kind="name")
        name = word.text
        if name in ("json", "logfmt", "unpack", "decolorize"):
            pipeline.stages.append(parser_stage(name, self.extractions()))
        elif name in ("regexp", "pattern"):
            pipeline.stages.append(self.compiled(parser_stage, name, unquote(self.expect(kind="string").text)))
        elif name in ("drop", "keep"):
            pipeline.stages.append(parser_stage(name, self.names()))
        elif name == "line_format":
            pipeline.stages.append(parser_stage(name, unquote(self.expect(kind="string").text)))
        elif name == "unwrap":
            pipeline.unwrap = self.unwrapped()
        else:
            self.at -= 1
            pipeline.stages.append(self.label_filters())

    def unwrapped(self):
        name = self.expect(kind="name").text
        if self.take("("):  # a conversion: duration(x), bytes(x)
            name = self.expect(kind="name").text
            self.expect(")")
        return name

    def extractions(self):
        """json a="b.c", d: the labels to take; none means all."""
        chosen = {}
        while self.now.kind == "name" and self.tokens[self.at + 1].text in ("=", ",", "|", ")", "$end") or self.now.kind == "name" and self.tokens[self.at + 1].kind == "range":
            name = self.expect(kind="name").text
            chosen[name] = unquote(self.expect(kind="string").text) if self.take("=") else name
            if not self.take(","):
                break
        return chosen

    def names(self):
        found = [self.expect(kind="name").text]
        while self.take(","):
            found.append(self.expect(kind="name").text)
        return found

    def label_filters(self):
        """a="b" and c>5 or (d=~"e"): a function from labels to whether they pass."""
        left = self.label_filter_and()
        while self.take("or"):
            left = (lambda a, b: lambda labels: a(labels) or b(labels))(left, self.label_filter_and())
        return label_filter_stage(left)

    def label_filter_and(self):
        left = self.label_filter()
        while self.take("and", ",") or (self.now.kind == "name" and self.now.text not in ("or", "by", "without", "offset", "bool")):
            left = (lambda a, b: lambda labels: a(labels) and b(labels))(left, self.label_filter())
        return left

    def label_filter(self):
        if self.take("("):
            inner = self.label_filters().test
            self.expect(")")
            return inner
        name = self.expect(kind="name").text
        operator = self.expect("=", "!=", "=~", "!~", *COMPARISONS).text
        if self.now.kind == "string":
            return self.compiled(matcher, name, {"==": "="}.get(operator, operator), unquote(self.expect(kind="string").text))
        return self.compiled(matcher, name, {"=": "=="}.get(operator, operator), self.quantity(self.expect(kind="number")))

    def quantity(self, token):
        """A number, a duration in seconds, or a size in bytes."""
        if re.fullmatch(r"[\d.e+-]+", token.text):
            return float(token.text)
        if token.text.endswith("B"):
            number, unit = re.fullmatch(r"([\d.]+)([kKMGT]?)i?B", token.text).groups()
            return float(number) * 1024 ** " KMGT".index(unit.upper() or " ")
        return duration(token.text)


def parse(query):
    """The query as a node: a Pipeline for log lines, else something with values(store, times)."""
    try:
        return Parser(query).parse()
    except ValueError as error:
        raise ParseError(f"parse error : {error}") from None
