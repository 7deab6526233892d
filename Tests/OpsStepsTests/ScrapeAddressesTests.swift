import OpsMonitoring
import Testing

@testable import OpsSteps

@Suite struct ScrapeAddressesTests {
    @Test func namesAreThoseOfPrometheusContainer() throws {
        let addresses = ScrapeAddresses(
            parsing: """
                hosts 127.0.0.1\tlocalhost
                hosts 172.17.0.1 host.docker.internal
                n1 172.18.0.3 /app-backend-1 app-backend-1 backend 0a1b2c
                n2 172.19.0.9 /app-backend-1 hidden
                n3 172.20.0.2 /elsewhere worker

                """, networks: ["n1"])
        func reached(_ url: String) throws -> String { "\(addresses.endpoint(of: try HTTPURL(url)))" }
        #expect(try reached("http://backend:3000/metrics") == "172.18.0.3:3000")
        #expect(try reached("http://app-backend-1:3000/metrics") == "172.18.0.3:3000")
        #expect(try reached("http://host.docker.internal:9100/") == "172.17.0.1:9100")
        #expect(try reached("https://10.0.0.2/metrics") == "10.0.0.2:443")
        // On a network that Prometheus is not on, the name is somebody else's.
        #expect(try reached("http://worker:3000/") == "worker:3000")
        #expect(try reached("http://hidden:3000/") == "hidden:3000")
    }
}
