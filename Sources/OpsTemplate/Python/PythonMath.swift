#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension PythonNumber {
    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
    static func naturalLogarithm(_ number: Double) -> Double { log(number) }
    static func decimalLogarithm(_ number: Double) -> Double { log10(number) }
}
