"""Prints what `debug` showed and which tasks failed, one JSON list [host, task, text] a line."""
import json

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: results
    type: stdout
    short_description: results of debug tasks as JSON lines
    description: for tests
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'results'

    def show(self, result, text):
        print(json.dumps([result.host.get_name(), result.task.get_name().split(' : ')[-1], text]), flush=True)

    def shown(self, result):
        if result.task.action.split('.')[-1] == 'debug' and 'msg' in result.result and not result.is_skipped():
            message = result.result['msg']
            self.show(result, message if isinstance(message, str) else json.dumps(message))

    def v2_runner_on_ok(self, result):
        if 'results' not in result.result:
            self.shown(result)

    v2_runner_item_on_ok = shown

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.show(result, 'FAILED')
