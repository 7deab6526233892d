"""What every component is: checked arguments, values that may refer to other components, receivers."""

import relabel
from syntax import AlloyError


class Component:
    """Subclasses say which arguments and blocks they take; run() starts whatever works in the background."""

    ARGUMENTS, REQUIRED, BLOCKS = set(), set(), {}

    def __init__(self, block, scope):
        self.block, self.scope, self.id, self.error, self.stopped = block, scope, block.id, None, False
        check(block, self.ARGUMENTS, self.REQUIRED, self.BLOCKS)
        self.build()

    def build(self):
        """Arguments that are needed before anything runs. ValueError and KeyError name the component."""

    def run(self):
        pass

    def stop(self):
        self.stopped = True

    def value(self, name, default=None):
        expression = self.block.attributes.get(name)
        return default if expression is None else expression(self.scope)

    def values(self, block=None):
        return {name: expression(self.scope) for name, expression in (block or self.block).attributes.items()}

    def rules(self):
        """The relabelling of rule blocks, and of a reference to another component's rules."""
        own = [relabel.Rule(self.values(block)) for block in self.block.all("rule")]
        return (self.value("relabel_rules") or []) + own

    def export(self, name):
        raise KeyError(name)

    def receive(self, item):
        raise NotImplementedError(self.id)

    def forward(self, item):
        """Hands an item to every receiver; each gets labels of its own."""
        receivers = self.value("forward_to", [])
        for receiver in receivers:
            if len(receivers) > 1:
                copy = type(item)(dict(item.labels), item.at, item.line, dict(item.metadata))
                receiver.receive(copy)
            else:
                receiver.receive(item)


def check(block, arguments, required, blocks):
    """Unknown and missing attributes and blocks, as Alloy refuses them. BLOCKS maps a name to the
    (attributes, inner blocks) it takes, or to None where the inside is not looked at."""
    for name in block.attributes:
        if name not in arguments:
            raise AlloyError(block.places[name], f'unrecognized attribute name "{name}"')
    for name in required:
        if name not in block.attributes:
            raise AlloyError(block.place, f'missing required attribute "{name}"')
    for inner in block.blocks:
        if inner.name not in blocks:
            raise AlloyError(inner.place, f'unrecognized block name "{inner.name}"')
        if blocks[inner.name] is not None:
            attributes, deeper = blocks[inner.name]
            check(inner, attributes, set(), deeper)
