// TemplateBench TEMPLATE VARIABLES OUTPUT: renders a template for 1,000 hosts; `lab/bench/templates` runs it.
//
// Prints the milliseconds of processor time that the rendering took, compilation not counted, and writes what
// was rendered to OUTPUT for the comparison with the judge's.

import Foundation
import OpsCore
import OpsTemplate

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
    FileHandle.standardError.write(Data("usage: TemplateBench TEMPLATE VARIABLES OUTPUT\n".utf8))
    exit(64)
}

func file(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

func processorMilliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
}

let environment = TemplateEnvironment()
let json = try Expression("text | from_json", at: SourceLocation(file: arguments[2]), environment: environment)
let shared = try json.evaluate(VariableScope(["text": .string(file(arguments[2]))])).map ?? [:]
var variables = Dictionary(uniqueKeysWithValues: shared.map { ($0.key.string ?? "", $0.value) })
let template = try Template(source: file(arguments[1]), file: arguments[1], environment: environment)

var rendered: [String] = []
rendered.reserveCapacity(1000)
let began = processorMilliseconds()
for number in 0..<1000 {
    variables["inventory_hostname"] = .string("host\(number)")
    rendered.append(try template.render(VariableScope(variables)).string ?? "")
}
let elapsed = processorMilliseconds() - began
try rendered.joined().write(toFile: arguments[3], atomically: false, encoding: .utf8)
FileHandle.standardOutput.write(Data("\(elapsed)\n".utf8))
