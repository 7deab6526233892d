import OpsCore

/// A reporter for people, which goes on telling while nothing happens.
public protocol LiveReporter: Reporter {
    /// Keeps times and reminders going until the task is cancelled; run it beside the run.
    func animate() async
    /// Prints a line that is no event, such as the answer to ctrl-C, without disturbing what is drawn.
    func say(_ text: String) async
}
