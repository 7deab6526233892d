import Testing

/// The suites that deploy, break and judge the shipped stack on mon1: one at a time, since they share it.
@Suite(.serialized) enum SharedStack {}
